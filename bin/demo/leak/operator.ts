import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'

import { addOperatorLeak, importFiles, operatorLeaks } from '../../../services/actions/operator-leaks.ts'
import { openDb } from '../../../services/core/db.ts'
import type { LeakId } from '../../../services/core/ids.ts'
import { openLog } from '../../../services/core/log.ts'
import { openQueues } from '../../../services/core/queue.ts'
import { NewLeak } from '../../../services/leaks/leak.ts'
import type { LeakFiles } from './dump-files.ts'
import { demoBatches } from './dump-rows.ts'

/** The demo's leak as its operator notes it. One of other rows is another leak. */
const notedOf = ({ rows }: LeakFiles): NewLeak =>
  NewLeak.parse({
    name: `Invented dump of ${rows} rows`,
    kind: 'streaming-dump',
    takenOn: '2025-07-01',
    announcedOn: '2025-12-20',
    note: 'Made by the demo: none of its rows is of anybody’s music.',
    lawfulBasis: 'Invented on this machine',
    batches: demoBatches,
  })

/**
 * Notes the invented leak as one of the operator's, for every account and for visitors to ask about, and has its
 * manifests read where they lie. What a run before has noted stays.
 *
 * @param databaseUrl of a service that has its queue in its database.
 */
export async function noteLeak(databaseUrl: string, files: LeakFiles): Promise<LeakId> {
  const noted = notedOf(files)
  const log = openLog('demo', 'warn')
  const house = { db: openDb(databaseUrl, log), queues: openQueues({ databaseUrl }, log) }
  try {
    const known = (await operatorLeaks(house)).find(({ leak }) => leak.name === noted.name)
    const id = known?.leak.id ?? (await addOperatorLeak(house, noted, { publicCheck: true }))
    const manifests = [
      { name: 'All rows, as JSON lines', file: files.lines },
      { name: 'The beginning, as a database', file: files.database },
    ]
    for (const { name, file } of manifests) {
      if (known?.manifests.some((manifest) => manifest.name === name)) continue
      const { size: bytes } = await stat(file)
      const at = { name: basename(file), bytes, path: resolve(file) }
      await importFiles(house, id, { name, files: [at], mapping: {}, batch: 0 })
    }
    return id
  } finally {
    await house.queues.close()
    await house.db.close()
  }
}
