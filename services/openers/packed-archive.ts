import { Problem } from '../core/problem.ts'
import type { OpeningBudget } from './budget.ts'
import { EntryNames } from './entry-names.ts'
import type { Found, FoundFault, Opener, OpeningSource } from './opener.ts'
import type { PackedEntry } from './unpacking/messages.ts'
import { Unpacker } from './unpacking/unpacker.ts'

/** libarchive has the whole archive in its memory, of which there are 2 GiB, and what it unpacks with beside it. */
export const PACKED_BYTES_MAX = 2 ** 30

/** Tells the files of a 7z or RAR, in their order; it is taken apart in a thread of its own. */
export const openPackedArchive: Opener = async function* openPackedArchive(source, budget, signal) {
  if (source.bytes > PACKED_BYTES_MAX)
    throw new Problem(
      'open/too-large',
      `An archive of this kind is opened up to ${PACKED_BYTES_MAX} bytes; this has ${source.bytes}`,
    )
  const unpacker = new Unpacker('archive', source.path, budget, signal)
  try {
    yield* entriesOf({ unpacker, source, budget, names: new EntryNames() })
  } finally {
    await unpacker.end()
  }
}

interface Reading {
  readonly unpacker: Unpacker
  readonly source: OpeningSource
  readonly budget: OpeningBudget
  readonly names: EntryNames
}

async function* entriesOf(reading: Reading): AsyncGenerator<Found> {
  const { unpacker, budget } = reading
  for (;;) {
    const message = await unpacker.next()
    if (message.kind === 'end') return
    // Whoever read only a part of the last entry has left the rest lying.
    if (message.kind !== 'entry') continue
    budget.countItem()
    const { entry } = message
    if (entry.kind !== 'folder') yield foundIn(reading, entry)
    unpacker.want(false)
  }
}

function foundIn({ unpacker, source, budget, names }: Reading, entry: PackedEntry): Found {
  const name = names.of(entry.name)
  const fault = (problem: Problem): FoundFault => ({ kind: 'fault', name, problem })
  if (entry.kind === 'link') return fault(new Problem('open/unsupported', 'It is a link to another file'))
  if (entry.kind !== 'file') return fault(new Problem('open/unsupported', 'It is no file'))
  if (entry.fault) return fault(new Problem(entry.fault.type, entry.fault.detail))
  return { kind: 'file', name, read: () => budget.counted(contents(unpacker), source.bytes) }
}

/** @throws {Problem} open/…, when something is wrong with this entry. */
async function* contents(unpacker: Unpacker): AsyncGenerator<Uint8Array> {
  unpacker.want(true)
  for (;;) {
    const message = await unpacker.next()
    if (message.kind === 'bytes') yield message.bytes
    else if (message.kind !== 'entry-end') throw new Error(`A thread told ${message.kind} within an entry`)
    else if (message.fault === undefined) return
    else throw new Problem(message.fault.type, message.fault.detail)
  }
}
