import { takeInOnce } from '../../bench/fuzz/catalogue.ts'
import { spoiled } from '../../bench/fuzz/documents.ts'
import { readOnce } from '../../bench/fuzz/readers.ts'
import { ImportKind } from '../../services/catalog/import/import.ts'
import { describe, expect, test } from '../support/world.ts'

/** `npm run bench -- fuzz-imports` takes many more. */
const READ_FILES = 300
const TAKEN_FILES = 10

describe.each(ImportKind.options)('spoiled files: %s', (kind) => {
  test('are read or refused, and what is read can be kept', async () => {
    let recordings = 0
    let refusals = 0
    for (let number = 0; number < READ_FILES; number++) {
      const read = await readOnce(kind, spoiled(kind, number))
      expect(read.problem, `${kind} ${number}`).toBeUndefined()
      recordings += read.recordings
      refusals += read.refusals
    }
    expect(recordings).toBeGreaterThan(50)
    expect(refusals).toBeGreaterThan(50)
  }, 60_000)

  test('leave in the catalogue just what their import says', async ({ world }) => {
    const { house, owner } = world
    const place = { db: house.db, log: house.log, tenantId: owner.tenantId }
    for (let number = 0; number < TAKEN_FILES; number++)
      expect(
        await takeInOnce(place, kind, spoiled(kind, number), number % 4 === 3),
        `${kind} ${number}`,
      ).toEqual([])
  }, 60_000)
})
