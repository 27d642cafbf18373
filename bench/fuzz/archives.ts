import { gzipSync } from 'node:zlib'

import { openBzip2, openGzip, openXz, openZstd } from '../../services/openers/compressed.ts'
import { openRar } from '../../services/openers/rar.ts'
import { openSevenZip } from '../../services/openers/seven-zip.ts'
import { openTar } from '../../services/openers/tar.ts'
import { openZip } from '../../services/openers/zip.ts'
import { makeTar, makeZip } from '../../test/support/archives.ts'
import { makeRar4, makeRar5, makeSevenZip } from '../../test/support/packed-archives.ts'
import { packedSamples } from '../../test/support/packed-samples.ts'
import type { FuzzedOpener } from './opening.ts'

const files = [
  { name: 'album/01 - Übermut.mp3', bytes: Buffer.from('a sample of a song '.repeat(20)) },
  { name: 'album/empty.txt' },
  { name: `${'long/'.repeat(30)}name.mp3`, bytes: Buffer.from('another sample') },
]
const deflated = files.map((file) => ({ ...file, deflate: true }))
const encoded = files.map((file) => ({ ...file, unicode: true }))
const locked = files.map((file, index) => ({ ...file, encrypted: index === 1 }))
const zip64 = files.map((file) => ({ ...file, zip64: true }))

/** Openers of archives, by the name of their format. */
export const archiveOpeners: Readonly<Record<string, FuzzedOpener>> = {
  zip: { opener: openZip, seeds: [makeZip(files), makeZip(deflated), makeZip(zip64)] },
  tar: { opener: openTar, seeds: [makeTar(files)] },
  gzip: { opener: openGzip, seeds: [gzipSync('a sample'.repeat(50)), gzipSync(makeTar(files))] },
  bzip2: { opener: openBzip2, seeds: [packedSamples.bzip2] },
  xz: { opener: openXz, seeds: [packedSamples.xz] },
  zstd: { opener: openZstd, seeds: [packedSamples.zstd] },
  '7z': {
    opener: openSevenZip,
    seeds: [
      makeSevenZip(files),
      makeSevenZip(files, { encrypted: true }),
      makeSevenZip(files, { packedHeader: true }),
    ],
  },
  rar: { opener: openRar, seeds: [makeRar4(files), makeRar4(encoded), makeRar5(files), makeRar5(locked)] },
}
