import { readFile } from 'node:fs/promises'

import { submitUrl } from '../../services/actions/submissions.ts'
import { listCases } from '../../services/matches/case-store.ts'
import { createMember } from '../../services/tenants/store.ts'
import { createWeb } from '../../web/router.ts'
import { serveApi } from '../support/api.ts'
import { makeZip } from '../support/archives.ts'
import { startHostileHost } from '../support/hostile-host.ts'
import { disguised } from '../support/music.ts'
import { registeredPiece } from '../support/opened.ts'
import { ended, startPipeline } from '../support/pipeline.ts'
import { expect, test } from '../support/world.ts'

const html = { 'content-type': 'text/html' }
const page = (uploader: object, body: string): Buffer =>
  Buffer.from(
    `<!doctype html><html><body>${body}<script type="application/ld+json">${JSON.stringify({ '@type': 'BlogPosting', ...uploader })}</script></body></html>`,
  )

test('whom pages call the uploader stands on their cases, as their word, and brings cases together', async ({
  world,
}) => {
  const host = await startHostileHost()
  const pipeline = await startPipeline(world, {
    env: { FETCH_ALLOW_ADDRESSES: host.addresses.join(','), HOST_DELAY_MS: '0', HOST_VISITS_MAX: '8' },
  })
  try {
    await registeredPiece(pipeline, world.owner, 1)
    const copy = await readFile(await disguised(1, 'followed.ogg', ['-c:a', 'libvorbis', '-b:a', '96k']))
    const padded = (words: string): Buffer => Buffer.concat([copy, Buffer.from(words)])
    const account = {
      author: { name: 'Sample\u202e Uploader', url: 'https://soundcloud.com/Sample-Uploader?si=1' },
    }
    host.serve('/m/one.ogg', padded('one'))
    host.serve('/m/two.zip', makeZip([{ name: 'inside.ogg', bytes: padded('two') }]))
    host.serve('/one', page(account, '<audio src="/m/one.ogg"></audio>'), html)
    host.serve('/two', page(account, '<a href="/m/two.zip">all of it</a>'), html)
    for (const path of ['/one', '/two'])
      await ended(world, (await submitUrl(pipeline.house, world.owner, { url: host.url(path) })).id)

    const { tenantId } = world.owner
    const cases = await world.house.db.tenant(tenantId, (tx) => listCases(tx, { limit: 10 }))
    const said = { name: 'Sample Uploader', url: 'https://soundcloud.com/Sample-Uploader?si=1' }
    expect(cases).toMatchObject([{ saidUploader: said }, { saidUploader: said }])
    const [first, second] = cases
    if (!first || !second) throw new Error('no cases')

    const api = await serveApi(world, { web: createWeb(world.house) })
    const owner = await api.signedIn((world.owner as Extract<typeof world.owner, { kind: 'member' }>).member)
    const shown = (await owner('get', `/v1/cases/${first.id}`)).json
    // What a page says is no account that an address tells.
    expect(shown.place).toMatchObject({
      account: null,
      saidBy: { ...said, account: { platform: 'soundcloud.com', name: 'sample-uploader' } },
    })
    const read = (await owner('get', `/cases/${first.id}`)).text
    expect(read).toContain('“Sample Uploader”')
    expect(read).toContain('in the words of the page; nobody has checked them')
    expect((await owner('get', `/v1/cases/${first.id}/related`)).json.items).toMatchObject([
      { id: second.id, reasons: ['same_audio', 'same_recording_at_host', 'same_said_uploader'] },
    ])

    // An uploader may be called what the recording is called: nobody is told who may not know that.
    await world.house.db.system((tx) => tx.run`update recording set embargo_until = now() + interval '1 day'`)
    const given = { email: 'signer@example.org', name: 'A signer', roles: ['signer'] as const }
    const signer = await api.signedIn(await world.house.db.system((tx) => createMember(tx, tenantId, given)))
    for (const path of [`/v1/cases/${first.id}`, `/cases/${first.id}`, `/v1/cases/${first.id}/related`])
      expect((await signer('get', path)).text).not.toMatch(/sample.uploader/i)
  } finally {
    await pipeline.close()
    await host.close()
  }
})
