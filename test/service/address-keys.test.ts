import { z } from 'zod'

import { submitUrl } from '../../services/actions/submissions.ts'
import { renewAddressKeys } from '../../services/address-keys.ts'
import { canonicalUrlOf } from '../../services/submissions/canonical-url.ts'
import { registered } from '../support/found-case.ts'
import { type World, expect, test } from '../support/world.ts'

const address = (number: number): string => `https://m.youtube.com/watch?v=abcdefghij${number}&si=shared`

/** Addresses of submissions and cases as an older version kept them. */
async function olderRows(world: World) {
  const { db } = world.house
  const recording = await registered(world, 'Song')
  const [open, ended] = [
    await submitUrl(world.house, world.owner, { url: address(1) }),
    await submitUrl(world.house, world.owner, { url: address(2) }),
  ]
  await db.system(async (tx) => {
    await tx.run`update submission set url_key = url`
    await tx.run`
      update submission set stage = 'failed', failed_stage = 'fetch', problem = '{}' where id = ${ended.id}`
    for (const [number, key] of [
      [1, address(1)],
      [2, address(2)],
      [3, canonicalUrlOf(address(2))],
      [4, `sha256:${'a'.repeat(64)}`],
    ] as const)
      await tx.run`
        insert into case_file (id, tenant_id, number, recording_id, location_key, location, state, confidence)
        values (gen_random_uuid(), ${world.owner.tenantId}, ${`EW-2026-00000${number}`}, ${recording}, ${key},
                ${number === 4 ? 'a.mp3' : address(Math.min(number, 2))}, 'needs_review', 1)`
  })
  return { open, ended }
}

test('keys of older versions are made anew once, some at a time, and two open cases are never made one', async ({
  world,
}) => {
  const { db } = world.house
  const { open } = await olderRows(world)
  const Key = z.object({ key: z.string() })
  const keys = async () => ({
    submissions: await db.system((tx) => tx.all(Key)`select url_key as key from submission order by url`),
    cases: await db.system((tx) => tx.all(Key)`select location_key as key from case_file order by number`),
  })
  expect(await renewAddressKeys(db, 1)).toBe(3)
  const [first, second] = [canonicalUrlOf(address(1)), canonicalUrlOf(address(2))]
  const renewed = {
    submissions: [{ key: first }, { key: second }],
    // The third is open at the place of the second, which stays as it was.
    cases: [{ key: first }, { key: address(2) }, { key: second }, { key: `sha256:${'a'.repeat(64)}` }],
  }
  expect(await keys()).toEqual(renewed)
  // The same address, however it is written, is the submission that is in work.
  const again = await submitUrl(world.house, world.owner, { url: 'https://youtu.be/abcdefghij1' })
  expect(again.id).toBe(open.id)

  await db.system((tx) => tx.run`update submission set url_key = url`)
  expect(await renewAddressKeys(db)).toBe(0)
})
