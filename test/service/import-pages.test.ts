import * as imports from '../../services/catalog/import/store.ts'
import * as recordings from '../../services/catalog/store.ts'
import { ImportId } from '../../services/core/ids.ts'
import type { Run } from '../../services/core/queue.ts'
import { createWeb } from '../../web/router.ts'
import { importCatalogue } from '../../workers/import.ts'
import { type Answer, type Client, serveApi } from '../support/api.ts'
import { type World, describe, expect, test } from '../support/world.ts'

interface Pages {
  readonly member: Client
  readonly stranger: Client
}

async function open(world: World): Promise<Pages> {
  const api = await serveApi(world, { web: createWeb(world.house) })
  const { owner, stranger } = world
  if (owner.kind !== 'member' || stranger.kind !== 'member') throw new Error('no members')
  return { member: await api.signedIn(owner.member), stranger: await api.signedIn(stranger.member) }
}

/** Sends a form as browsers do. */
const submit = (client: Client, path: string, fields: Readonly<Record<string, string>> = {}) =>
  client('post', path, new URLSearchParams(fields).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
  })

const hrefIn = ({ headers }: Answer): string => headers.get('location') ?? ''
const idIn = (answer: Answer): ImportId =>
  ImportId.parse(/imports\/([0-9a-f-]{36})/.exec(hrefIn(answer))?.[1])

/** Hands in files by the form. */
function handIn(client: Client, texts: readonly string[], fields: Readonly<Record<string, string>> = {}) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  for (const text of texts) form.append('file', new Blob([text]), 'sheet.csv')
  return client('post', '/recordings/import', form)
}

/** Does the job of an import. */
async function work({ house }: World, id: ImportId): Promise<void> {
  const run: Run = { log: house.log, progress: async () => {}, signal: new AbortController().signal }
  await importCatalogue(house)({ id }, run)
}

/** Hands in a file and has it checked. */
async function checked(world: World, client: Client, text: string): Promise<{ id: ImportId; href: string }> {
  const answer = await handIn(client, [text])
  expect(answer.status).toBe(303)
  const id = idIn(answer)
  await work(world, id)
  return { id, href: `/recordings/imports/${id}` }
}

const fixesOf = ({ house, owner }: World, id: ImportId) =>
  house.db.tenant(owner.tenantId, (tx) => imports.fixesOf(tx, id))
const stageOf = ({ house, owner }: World, id: ImportId) =>
  house.db.tenant(owner.tenantId, async (tx) => (await imports.find(tx, id))?.stage)

/** Rows without a title, the first of them in line 2. */
const wrongRows = (count: number): string =>
  `title,artist\n${Array.from({ length: count }, (_, index) => `,Band ${index}\n`).join('')}`

describe('the pages of imports', () => {
  test('show nothing to strangers, and let them do nothing', async ({ world }) => {
    const { member, stranger } = await open(world)
    const { href } = await checked(world, member, 'title,artist\nSong,Band\n')
    expect((await stranger('get', '/recordings/imports')).text).toContain('No imports yet')
    for (const path of [href, `${href}/progress`]) expect((await stranger('get', path)).status).toBe(404)
    for (const what of ['fixes', 'check', 'apply', 'stop'])
      expect((await submit(stranger, `${href}/${what}`, { 'cell:2:title': 'Mine' })).status).toBe(404)
    expect((await member('get', '/recordings/imports/none')).status).toBe(404)
  })

  test('pass on how a table is written, and refuse what is no choice', async ({ world }) => {
    const { member } = await open(world)
    const options = { dateOrder: 'mdy', encoding: 'windows-1252' }
    const id = idIn(await handIn(member, ['title,artist\nSong,Band\n'], options))
    const about = await world.house.db.tenant(world.owner.tenantId, (tx) => imports.find(tx, id))
    expect(about).toMatchObject({ dryRun: true, options })
    const refused = await handIn(member, ['title,artist\n'], { encoding: 'klingon' })
    expect(refused.status).toBe(400)
    expect((await handIn(member, [])).text).toContain('Choose a file first')
    expect(hrefIn(await handIn(member, ['title,artist\na,b\n', 'title,artist\nc,d\n']))).toBe(
      '/recordings/imports',
    )
  })

  test('are paged, and a page of corrections is kept before the next is shown', async ({ world }) => {
    const { member } = await open(world)
    const { id, href } = await checked(world, member, wrongRows(60))
    const first = await member('get', href)
    expect(first.text).toContain('name="cell:26:title"')
    expect(first.text).not.toContain('name="cell:27:title"')
    const saved = await submit(member, `${href}/fixes`, {
      'cell:2:title': 'Named',
      'cell:3:title': '',
      'cell:9:no such column': 'x',
      next: '25',
    })
    expect(hrefIn(saved)).toContain(`${href}?findings=25`)
    expect(await fixesOf(world, id)).toEqual([{ row: 2, column: 'title', value: 'Named' }])
    const second = await member('get', hrefIn(saved))
    expect(second.text).toContain('name="cell:27:title"')
    expect(second.text).toContain(`action="${href}/fixes?findings=25"`)
    expect((await member('get', `${href}?findings=50`)).text).not.toContain('rel="next"')
  })

  test('show errors before remarks', async ({ world }) => {
    const { member } = await open(world)
    const { href } = await checked(world, member, 'title,artist,duration\nSong,Band,soon\n,Band,3:45\n')
    const { text } = await member('get', href)
    expect(text.indexOf('a recording needs a title')).toBeLessThan(text.indexOf('is no duration'))
  })

  test('give back what was typed when it cannot be kept', async ({ world }) => {
    const { member } = await open(world)
    const { id, href } = await checked(world, member, wrongRows(2))
    const typed = { 'cell:2:title': 'x'.repeat(2_001), 'cell:3:title': 'Kept <b>' }
    const answer = await submit(member, `${href}/fixes`, typed)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('role="alert"')
    expect(answer.text).toContain('value="Kept &lt;b&gt;"')
    expect(await fixesOf(world, id)).toEqual([])
  })

  test('correct a row of an import that was kept by reading the file again', async ({ world }) => {
    const { member } = await open(world)
    const { id, href } = await checked(world, member, 'title,artist\nSong,Band\n,Band\n')
    expect(hrefIn(await submit(member, `${href}/apply`))).toBe(href)
    expect((await submit(member, `${href}/apply`)).status).toBe(409)
    await work(world, id)
    expect((await member('get', href)).text).toContain('1 recording imported, 1 row left out')
    expect(hrefIn(await submit(member, `${href}/fixes`, { 'cell:3:title': 'Another' }))).toBe(href)
    await work(world, id)
    const { house, owner } = world
    const kept = await house.db.tenant(owner.tenantId, (tx) => recordings.list(tx, { limit: 10 }))
    expect(kept.map(({ title }) => title).toSorted()).toEqual(['Another', 'Song'])
  })

  test('keep a cell of several lines as it is, and do not take it for corrected', async ({ world }) => {
    const { member } = await open(world)
    const { id, href } = await checked(world, member, 'title,artist,territories\nSong,Band,"DE\nAtlantis"\n')
    expect((await member('get', href)).text).toMatch(/<textarea[^>]*>\nDE\nAtlantis<\/textarea>/)
    await submit(member, `${href}/fixes`, { 'cell:2:territories': 'DE\r\nAtlantis' })
    expect(await fixesOf(world, id)).toEqual([])
  })

  test('stop an import, and try it again', async ({ world }) => {
    const { member } = await open(world)
    const id = idIn(await handIn(member, ['title,artist\nSong,Band\n']))
    const href = `/recordings/imports/${id}`
    expect((await member('get', `${href}/progress`)).text).toMatch(/hx-get="[^"]*progress".*Being checked/s)
    expect(hrefIn(await submit(member, `${href}/stop`))).toBe(href)
    expect((await submit(member, `${href}/stop`)).status).toBe(409)
    const stopped = await member('get', href)
    expect(stopped.text).toMatch(/It was stopped.*Somebody of the account stopped it/s)
    expect(stopped.text).not.toContain('hx-get="/recordings')
    expect(hrefIn(await submit(member, `${href}/check`))).toBe(href)
    expect(await stageOf(world, id)).toBe('import')
  })

  test('say that the file is gone', async ({ world }) => {
    const { member } = await open(world)
    const { id, href } = await checked(world, member, wrongRows(1))
    const { house, owner } = world
    const about = await house.db.tenant(owner.tenantId, (tx) => imports.find(tx, id))
    if (about) await house.blobs.delete(about.blobSha256)
    const page = await member('get', href)
    expect(page.text).toContain('The file was deleted')
    expect(page.text).not.toContain('name="cell:')
  })
})
