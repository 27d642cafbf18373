import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { assert, asyncProperty, integer, nat, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Entry, fromBuffer } from 'yauzl'

import { run } from '../../bin/evidence/verify.ts'
import { capsuleBytes, sealCapsule } from '../../services/evidence/capsule.ts'
import { CapsulePath, Manifest, canonicalText } from '../../services/evidence/manifest.ts'
import { nodeVerifier, sha256Of, sourceOf } from '../../services/evidence/verify-file.ts'
import { type Verification, allHold, verifyCapsule } from '../../services/evidence/verify.ts'
import { crc32, directoryOf, layoutOf, localHeader, readDirectory } from '../../services/evidence/zip.ts'
import { randomOf } from '../support/audio.ts'
import { gathered, sampleBytes, sampleCapsule, utf8 } from '../support/capsule.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'

const verify = (bytes: Uint8Array, known?: string): Promise<Verification> =>
  verifyCapsule(sourceOf(bytes), nodeVerifier, known)
const faultsOf = ({ checks }: Verification): string[] =>
  checks.filter(({ holds }) => holds === false).map(({ name }) => name)

/** The archive once more, after its files were changed: with headers and checksums that fit. */
async function forged(
  bytes: Uint8Array,
  change: (files: Map<string, Uint8Array>) => void,
): Promise<Uint8Array> {
  const { placed } = layoutOf(await readDirectory(sourceOf(bytes)))
  const files = new Map(
    placed.map(({ path, at, bytes: length }) => {
      const from = at + 30 + path.length
      return [path, bytes.slice(from, from + length)] as const
    }),
  )
  change(files)
  const entries = [...files].map(([path, content]) => ({
    path,
    bytes: content.length,
    crc32: crc32(content),
  }))
  const parts = entries.flatMap((entry) => [localHeader(entry), files.get(entry.path) ?? new Uint8Array(0)])
  return new Uint8Array(Buffer.concat([...parts, directoryOf(entries)]))
}

describe('a capsule', () => {
  test('is verified, and is an archive that others read', async () => {
    const bytes = await sampleBytes()
    const result = await verify(bytes)
    expect(faultsOf(result)).toEqual([])
    expect(result.checks.map(({ name }) => name)).toEqual([
      'Archive',
      'Manifest',
      'List of files',
      'log.json',
      'match-report.json',
      'reports/EW-2026-000001-v1.json',
      'Audit log',
      'Document reports/EW-2026-000001-v1.json',
      'Time stamp',
    ])
    const names = await new Promise<string[]>((resolve, reject) => {
      fromBuffer(Buffer.from(bytes), { strictFileNames: true }, (error, zip) => {
        if (error) return reject(error)
        const found: string[] = []
        zip.on('entry', (entry: Entry) => found.push(entry.fileName))
        zip.on('error', reject)
        zip.on('end', () => resolve(found))
      })
    })
    expect(names).toEqual([
      'manifest.json',
      'log.json',
      'match-report.json',
      'reports/EW-2026-000001-v1.json',
    ])
  })

  test('is the same bytes each time that the same is written', async () => {
    const sealed = await sampleCapsule()
    expect(await gathered(capsuleBytes(sealed))).toEqual(await gathered(capsuleBytes(sealed)))
  })

  test('with any single byte changed, in 2,000 random places, is found out', async () => {
    const bytes = await sampleBytes(utf8('a token that is not looked at here'))
    // Without the token's own signature: what is left has to find every change by itself.
    const places = tuple(nat(bytes.length - 1), integer({ min: 1, max: 255 }))
    const holds = async (changed: Uint8Array) =>
      allHold(await verifyCapsule(sourceOf(changed), { sha256: sha256Of }))
    expect(await holds(bytes)).toBe(true)
    await assert(
      asyncProperty(places, async ([at, flip]) => {
        const changed = bytes.slice()
        changed[at]! ^= flip
        expect(await holds(changed)).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  test('with any bit of any header changed is found out', async () => {
    const bytes = await sampleBytes()
    const { placed, directoryAt } = layoutOf(await readDirectory(sourceOf(bytes)))
    const headers = placed.flatMap((entry) =>
      Array.from({ length: localHeader(entry).length }, (_, index) => entry.at + index),
    )
    const directory = Array.from({ length: bytes.length - directoryAt }, (_, index) => directoryAt + index)
    for (const at of [...headers, ...directory])
      for (const bit of [1, 128]) {
        const changed = bytes.slice()
        changed[at]! ^= bit
        expect(allHold(await verify(changed)), `byte ${at}`).toBe(false)
      }
  })

  test('cut off, lengthened or with bytes between is found out', async () => {
    const bytes = await sampleBytes()
    const random = randomOf(5)
    for (let count = 0; count < 200; count++) {
      const at = Math.floor(random() * bytes.length)
      const longer = new Uint8Array(Buffer.concat([bytes.subarray(0, at), utf8('x'), bytes.subarray(at)]))
      expect(allHold(await verify(longer))).toBe(false)
      expect(allHold(await verify(bytes.subarray(0, at)))).toBe(false)
    }
    expect(allHold(await verify(new Uint8Array(Buffer.concat([bytes, utf8('x')]))))).toBe(false)
  })
})

describe('a forger who mends checksums', () => {
  test('is found by the manifest, the log and the list', async () => {
    const bytes = await sampleBytes()
    const replaced = await forged(bytes, (files) => files.set('match-report.json', utf8('{"passages":[1]}')))
    expect(faultsOf(await verify(replaced))).toEqual(['match-report.json'])
    const added = await forged(bytes, (files) => files.set('z.txt', utf8('more')))
    expect(faultsOf(await verify(added))).toEqual(['List of files'])
    const removed = await forged(bytes, (files) => files.delete('match-report.json'))
    expect(faultsOf(await verify(removed))).toEqual(['List of files'])
    const loose = await forged(bytes, (files) => {
      const text = Buffer.from(files.get('manifest.json') ?? []).toString()
      files.set('manifest.json', utf8(`${text}\n`))
    })
    expect(faultsOf(await verify(loose))).toEqual(['Manifest'])
  })

  test('who makes the manifest anew is found by a hash that is known, and by the chain of the log', async () => {
    const bytes = await sampleBytes()
    const { manifestSha256 } = await verify(bytes)
    const another = await sampleBytes()
    expect(faultsOf(await verify(another, manifestSha256))).toEqual(['Manifest'])
    expect(faultsOf(await verify(bytes, manifestSha256))).toEqual([])

    const sealed = await sampleCapsule()
    const log = sealed.files.find(({ entry }) => entry.path === 'log.json')?.content as Uint8Array
    const text = Buffer.from(log).toString().replace('"report.issued"', '"report.burned"')
    const { createdAt, format: _format, items: _items, ...head } = sealed.manifest
    const files = sealed.files.map(({ entry, content }) => ({
      path: entry.path,
      kind: entry.path === 'log.json' ? ('log' as const) : ('match_report' as const),
      mediaType: 'application/json',
      capturedAt: new Date(createdAt),
      content: entry.path === 'log.json' ? utf8(text) : content,
    }))
    const remade = await sealCapsule({ ...head, createdAt: new Date(createdAt) }, files, [])
    const result = await verify(await gathered(capsuleBytes(remade)))
    expect(result.checks.find(({ name }) => name === 'Audit log')?.detail).toContain('Entry 7')
  })

  test('fills no memory: what nobody would write is refused before it is read', async () => {
    const bytes = await sampleBytes()
    const named = await forged(bytes, (files) => files.set('z'.repeat(60_000), utf8('')))
    expect((await verify(named)).checks.map(({ detail }) => detail)).toEqual([
      'The end of the archive does not fit its length',
    ])
    const large = await forged(bytes, (files) => files.set('manifest.json', new Uint8Array(7 << 20)))
    expect((await verify(large)).checks.map(({ detail }) => detail)).toEqual([
      'manifest.json is missing or too large',
    ])
    // Faults by the million are one fault, and a list of ten thousand names is cut.
    const items = utf8(`{"items":[${'0,'.repeat(1_000_000)}0]}`)
    const empty = await verify(await forged(bytes, (files) => files.set('manifest.json', items)))
    expect(faultsOf(empty)).toEqual(['Manifest'])
    const many = await forged(bytes, (files) => {
      for (let count = 0; count < 5_000; count++) files.set(`z/${count}`, utf8(''))
    })
    const list = (await verify(many)).checks.find(({ name }) => name === 'List of files')
    expect([list?.holds, list?.detail.length]).toEqual([false, 2_001])
  })

  test('cannot seal a file that is not what was recorded', async () => {
    const file = {
      path: 'suspect/b.ogg',
      kind: 'suspect' as const,
      mediaType: 'audio/ogg',
      capturedAt: new Date(),
      content: utf8('not what it was'),
      recordedSha256: 'd'.repeat(64),
    }
    await expect(sampleCapsule([file])).rejects.toMatchObject({ type: 'evidence/tampered' })
  })
})

test.each(['../a', '/a', 'a/../b', 'a//b', 'a\\b', '.hidden', 'a/', 'ä', 'a b', 'manifest.json', '', 'C:a'])(
  'a capsule has no file at “%s”',
  (path) => expect(CapsulePath.safeParse(path).success).toBe(false),
)

test('a manifest has each path once, in their order', async () => {
  const { manifest } = await sampleCapsule()
  expect(Manifest.safeParse(manifest).success).toBe(true)
  const turned = { ...manifest, items: manifest.items.toReversed() }
  expect(Manifest.safeParse(turned).success).toBe(false)
  const [first] = manifest.items
  const twice = { ...manifest, items: [{ ...first, path: 'LOG.json' }, ...manifest.items] }
  expect(Manifest.safeParse(twice).success).toBe(false)
  expect(canonicalText({ b: 1, a: 'ä' })).toBe('{"a":"ä","b":1}')
})

describe('earwitness verify', () => {
  const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'earwitness-capsule-'))
    try {
      await work(folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  test('tells what holds, by words and by its exit status', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'good.zip')
      await writeFile(path, await sampleBytes())
      const good = recordedTerminal()
      expect(await run([path], good)).toBe(0)
      expect(good.outText()).toContain('holds          Audit log: 2 entries about it')
      expect(good.errText()).toContain(
        'Everything holds: evidence about case EW-2026-000001 of Sample Records',
      )

      const bytes = await readFile(path)
      bytes[bytes.indexOf('{"passages"') + 3]! ^= 1
      await writeFile(path, bytes)
      const bad = recordedTerminal()
      expect(await run(['--json', path], bad)).toBe(1)
      const told = JSON.parse(bad.outText()) as { holds: boolean; checks: { name: string; holds: unknown }[] }
      expect(told.holds).toBe(false)
      expect(told.checks.filter(({ holds }) => holds === false).map(({ name }) => name)).toEqual([
        'Archive',
        'match-report.json',
      ])
    }))

  test('refuses what is no capsule, and wrong options', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'notes.txt')
      await writeFile(path, 'nothing of the kind')
      const empty = join(folder, 'empty.zip')
      await writeFile(empty, '')
      for (const argv of [
        [path],
        [empty],
        [join(folder, 'none.zip')],
        [folder],
        [],
        [path, '--manifest', 'x'],
      ])
        expect(await run(argv, recordedTerminal()), argv.join(' ')).toBe(2)
      const help = recordedTerminal()
      expect(await run(['--help'], help)).toBe(0)
      expect(help.outText()).toContain('earwitness verify CAPSULE')
    }))
})

const hasUnzip = await promisify(execFile)('unzip', ['-v']).then(
  () => true,
  () => false,
)

test.skipIf(!hasUnzip)('unzip finds no fault in a capsule', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-capsule-'))
  try {
    const path = join(folder, 'good.zip')
    await writeFile(path, await sampleBytes())
    const { stdout } = await promisify(execFile)('unzip', ['-t', path])
    expect(stdout).toContain('No errors detected')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
