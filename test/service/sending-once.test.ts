import { resolveUnclear } from '../../services/actions/deliveries.ts'
import { handOver, prepare, recordAnswer } from '../../services/actions/hand-over.ts'
import { Problem } from '../../services/core/problem.ts'
import { openCrew } from '../../services/core/queue.ts'
import { jobs } from '../../services/jobs.ts'
import { failDelivery } from '../../services/notices/delivery-store.ts'
import { aloneWith } from '../../services/notices/sending-limits-store.ts'
import { wiringOf } from '../../services/pipeline.ts'
import { send } from '../../workers/send.ts'
import { refusalOf } from '../support/allowing.ts'
import { until } from '../support/pipeline.ts'
import { sendingScene } from '../support/sending.ts'
import { describe, expect, test } from '../support/world.ts'

describe('at most once', () => {
  test('a crash before the attempt is committed loses nothing, one after it sends nothing', async ({
    world,
  }) => {
    const scene = await sendingScene(world)
    const id = await scene.queue()
    const broken = {
      ...scene.sending,
      blobs: { ...scene.sending.blobs, put: () => Promise.reject(new Error('crash')) },
    }
    await expect(prepare(broken, id)).rejects.toThrow('crash')
    expect(await scene.delivery(id)).toMatchObject({ stage: 'send', attemptedAt: null, tries: 1 })

    const step = await prepare(scene.sending, id)
    expect(step.kind).toBe('hand-over')
    // Here the process dies; whoever comes next cannot know whether the mail server had it.
    await scene.work(id)
    await scene.work(id)
    expect(scene.host.received).toEqual([])
    expect(await scene.delivery(id)).toMatchObject({ stage: 'unclear' })
    expect(await scene.story()).toMatchObject({ state: 'queued' })
    expect((await scene.story()).kinds.at(-1)).toBe('commented')
  })

  test('a crash after the hand-over leaves it unclear, and a late answer settles it', async ({ world }) => {
    const scene = await sendingScene(world)
    const id = await scene.queue()
    const step = await prepare(scene.sending, id)
    if (step.kind !== 'hand-over') throw new Error(step.why)
    const response = await handOver(scene.sending, step.message)
    await scene.work(id)
    expect(scene.host.received).toHaveLength(1)
    expect((await scene.delivery(id)).stage).toBe('unclear')
    await recordAnswer(scene.sending, step.message, response)
    await recordAnswer(scene.sending, step.message, response)
    expect((await scene.delivery(id)).stage).toBe('done')
    expect((await scene.story()).kinds.filter((kind) => kind === 'sent')).toHaveLength(1)
  })

  test('while a process is at work with the recipient, another leaves its message alone', async ({
    world,
  }) => {
    const scene = await sendingScene(world)
    const id = await scene.queue()
    await world.house.db.system((tx) =>
      aloneWith(tx, scene.recipientId, async () => {
        await prepare(scene.sending, id)
        await scene.work(id)
      }),
    )
    expect(await scene.delivery(id)).toMatchObject({ stage: 'send', attemptedAt: expect.any(Date) })
    const all = await Promise.all([scene.work(id), scene.work(id)])
    expect(all).toHaveLength(2)
    expect((await scene.delivery(id)).stage).toBe('unclear')
    expect(scene.host.received).toEqual([])
  })

  test('a line that is cut after the data is unclear; a person resolves it, either way', async ({
    world,
  }) => {
    let verdict: 'cut' | 'take' = 'cut'
    const scene = await sendingScene(world, () => verdict)
    const { house } = world
    const id = await scene.queue()
    await scene.work(id)
    const { messageId } = await scene.delivery(id)
    expect(await scene.delivery(id)).toMatchObject({ stage: 'unclear' })
    const finding = { sent: false, note: 'Not in the log of the mail server' }
    expect(await refusalOf(resolveUnclear(house, world.stranger, id, finding))).toMatchObject({
      type: 'row/unknown',
    })
    verdict = 'take'
    await resolveUnclear(house, scene.signer, id, finding)
    expect(await refusalOf(resolveUnclear(house, scene.signer, id, finding))).toMatchObject({
      type: 'row/stage',
    })
    await scene.work(id)
    expect(scene.host.received).toHaveLength(1)
    expect(await scene.delivery(id)).toMatchObject({ stage: 'done', messageId })
  })

  test('a worker that gives up does not fail what may have been sent', async ({ world }) => {
    const scene = await sendingScene(world)
    const id = await scene.queue()
    await prepare(scene.sending, id)
    const poison = new Problem('job/poison', 'Tried too often')
    await world.house.db.system((tx) => failDelivery(tx, id, poison))
    expect((await scene.delivery(id)).stage).toBe('unclear')
  })

  test('a refusal for good fails, one for now is tried again', async ({ world }) => {
    let code = 451
    const scene = await sendingScene(world, () => code)
    const id = await scene.queue()
    expect(await refusalOf(scene.work(id))).toMatchObject({ type: 'mail/unreachable', retry: true })
    expect(await scene.delivery(id)).toMatchObject({ stage: 'send', attemptedAt: null })
    expect((await scene.story()).state).toBe('queued')
    code = 554
    expect(await refusalOf(scene.work(id))).toMatchObject({ type: 'mail/refused' })
    expect(await scene.delivery(id)).toMatchObject({ stage: 'failed' })
    expect(await scene.story()).toMatchObject({ state: 'delivery_failed' })
  })
})

test('through the queue, the messages of a notice go out one after the other, each once', async ({
  world,
}) => {
  const scene = await sendingScene(world, undefined, { locations: 3 })
  const { db, queues, log } = world.house
  await db.system((tx) => tx.run`update notice set format = 'xarf-mail' where id = ${scene.notice.id}`)
  const crew = openCrew({ databaseUrl: world.databaseUrl }, log)
  try {
    crew.add(jobs.send, send(scene.sending), wiringOf(db, queues, 'send'))
    await scene.queue()
    await until('all to be sent', async () => {
      const all = await scene.deliveries()
      return all.length === 3 && all.every(({ stage }) => stage === 'done')
    })
  } finally {
    await crew.close()
  }
  expect(scene.host.received).toHaveLength(3)
  expect(await scene.story()).toMatchObject({ state: 'sent' })
})
