import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { run as importFiles } from '../../bin/client/import.ts'
import { applyImport, fixImport, startImport, stopImport } from '../../services/actions/imports.ts'
import * as imports from '../../services/catalog/import/store.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { serveApi } from '../support/api.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'
import { bytesOf, catalogueOf, errorsOf, imported, row, take, titled, worked } from '../support/imports.ts'
import { startPipeline, until } from '../support/pipeline.ts'
import { describe, expect, test } from '../support/world.ts'

const sheet = `Title,Artist,ISRC
Monsoon Letters,The Sample Band,AA-6Q7-20-00047
Winter Tales,The Sample Band,not an isrc
Harbour Lights,The Sample Band,
`

const message = (test: boolean, id = 'M1'): string => `<?xml version="1.0" encoding="UTF-8"?>
<ern:PurgeReleaseMessage xmlns:ern="http://ddex.net/xml/ern/43" AvsVersionId="3" LanguageAndScriptCode="en">
  <MessageHeader>
    <MessageThreadId>T1</MessageThreadId>
    <MessageId>${id}</MessageId>
    <MessageSender><PartyId>PADPIDA2014120301U</PartyId></MessageSender>
    <MessageRecipient><PartyId>PADPIDA2014120302U</PartyId></MessageRecipient>
    <MessageCreatedDateTime>2026-01-01T00:00:00Z</MessageCreatedDateTime>
    ${test ? '<MessageControlType>TestMessage</MessageControlType>' : '<MessageControlType>LiveMessage</MessageControlType>'}
  </MessageHeader>
  <PurgedRelease>
    <ReleaseId><ICPN>036000291452</ICPN></ReleaseId>
  </PurgedRelease>
</ern:PurgeReleaseMessage>
`

describe('a file', () => {
  test('is read, its cells corrected, and read again', async ({ world }) => {
    const { house, owner } = world
    const first = await imported(world, sheet, { dryRun: true })
    expect(first).toMatchObject({ kind: 'csv', stage: 'done', dryRun: true, rows: 3, created: 2, errors: 1 })
    const [error] = await errorsOf(world, first)
    expect(error).toMatchObject({ row: 3, column: 'ISRC', code: 'identifier-malformed' })
    expect(await catalogueOf(world)).toEqual([])

    await fixImport(house, owner, first.id, [{ row: 3, column: 'ISRC', value: 'AA6Q72000048' }])
    const applied = await worked(world, await applyImport(house, owner, first.id, { dryRun: false }))
    expect(applied).toMatchObject({ id: first.id, dryRun: false, created: 3, errors: 0 })
    expect(await errorsOf(world, first)).toEqual([])
    expect(await titled(world, 'Winter Tales')).toMatchObject({ isrc: 'AA6Q72000048' })

    const entries = await house.db.tenant(owner.tenantId, (tx) => auditEntries(tx, 1, 10))
    expect(entries.map(({ action }) => action)).toEqual(['catalogue.imported'])
    const { requestedBy } = applied
    expect(requestedBy.name).toMatch(/ Owner$/)
  })

  test('of a sender is taken in once, and a test message never', async ({ world }) => {
    await take(world, [row(1, { release: { title: 'Letters', upc: '036000291452' } })])
    const trial = await imported(world, message(true))
    expect(trial).toMatchObject({ kind: 'ern', dryRun: true, purged: 1, facts: { test: true } })
    expect((await titled(world, 'Song number 1')).withdrawnAt).toBeNull()

    const live = await imported(world, message(false))
    expect(live).toMatchObject({ dryRun: false, purged: 1, sameAs: null })
    await take(world, [row(1)])
    expect(await imported(world, message(false))).toMatchObject({
      stage: 'done',
      sameAs: live.id,
      rows: 0,
      purged: 0,
    })
    expect((await titled(world, 'Song number 1')).withdrawnAt).toBeNull()
    expect(await imported(world, message(false, 'M2'))).toMatchObject({ sameAs: null, purged: 1 })
  })

  test('that is stopped is left alone', async ({ world }) => {
    const { house, owner } = world
    const given = { fileName: 'a.csv', source: bytesOf(sheet), dryRun: false, options: {} }
    const started = await startImport(house, owner, given)
    expect(await stopImport(house, owner, started.id)).toMatchObject({
      stage: 'failed',
      problem: { type: '/problems/import/stopped' },
    })
    expect(await worked(world, started)).toMatchObject({ stage: 'failed', rows: 0 })
    expect(await catalogueOf(world)).toEqual([])
  })

  test('is no business of strangers', async ({ world }) => {
    const { house, stranger } = world
    const { id } = await imported(world, sheet)
    await expect(stopImport(house, stranger, id)).rejects.toMatchObject({ type: 'row/unknown' })
    await expect(applyImport(house, stranger, id, { dryRun: true })).rejects.toMatchObject({
      type: 'row/unknown',
    })
    const fixes = [{ row: 3, column: 'ISRC', value: 'x' }]
    await expect(fixImport(house, stranger, id, fixes)).rejects.toMatchObject({ type: 'row/unknown' })
    const seen = await house.db.tenant(stranger.tenantId, (tx) =>
      imports.errorsOf(tx, id, { after: 0, limit: 10 }),
    )
    expect(seen).toEqual([])
  })

  test('goes through the API from the template to the table of errors', async ({ world }) => {
    const account = await world.account('Importers')
    const ask = (await serveApi(world)).withKey(account.key)
    const template = await ask('get', '/v1/imports/template')
    const started = await ask('post', '/v1/imports?dryRun=true&fileName=t.csv', template.text, {
      'content-type': 'text/csv',
    })
    expect(started).toMatchObject({ status: 202, json: { kind: 'csv', dryRun: true, stage: 'import' } })
    const as = { ...world, owner: account.caller }
    expect(await worked(as, started.json)).toMatchObject({ created: 1, errors: 0, warnings: 0 })

    const form = new FormData()
    form.set('dateOrder', 'dmy')
    form.set('file', new Blob([sheet]), 'sheet.csv')
    const { json } = await ask('post', '/v1/imports', form)
    expect(json).toMatchObject({ fileName: 'sheet.csv', dryRun: false })
    expect((await ask('post', `/v1/imports/${json.id}/apply`, {})).json.type).toBe('/problems/row/stage')
    await worked(as, json)
    expect((await ask('get', `/v1/imports/${json.id}`)).json).toMatchObject({
      stage: 'done',
      created: 2,
      errors: 1,
    })
    expect((await ask('get', '/v1/imports')).json.items).toHaveLength(2)
    expect((await ask('get', `/v1/imports/${json.id}/errors?limit=1`)).json.items).toMatchObject([{ row: 3 }])
    const withSeverity = (which: string) => ask('get', `/v1/imports/${json.id}/errors?severity=${which}`)
    expect((await withSeverity('error')).json.items).toMatchObject([{ row: 3, severity: 'error' }])
    expect((await withSeverity('warning')).json.items).toEqual([])
    expect((await withSeverity('doubt')).status).toBe(400)
    expect((await ask('get', `/v1/imports/${json.id}/errors.csv`)).text).toMatch(
      /^row,column,code,message\r\n3,ISRC,identifier-malformed,/,
    )
    expect((await ask('get', `/v1/imports/${json.id}/changes`)).json.items).toEqual([])
    const fixes = [{ row: 3, column: 'ISRC', value: 'AA6Q72000048' }]
    expect((await ask('put', `/v1/imports/${json.id}/fixes`, { fixes })).json).toEqual({ fixes })
    const again = await ask('post', `/v1/imports/${json.id}/apply`, {})
    expect(await worked(as, again.json)).toMatchObject({ created: 1, unchanged: 2, errors: 0 })

    const refused = await ask('post', '/v1/imports', 'PK\u0003\u0004…', { 'content-type': 'text/csv' })
    expect(refused.json).toMatchObject({ status: 422, type: '/problems/file/unsupported' })
    expect(
      (await ask('post', '/v1/imports?encoding=klingon', sheet, { 'content-type': 'text/csv' })).status,
    ).toBe(400)
    const asJson = await ask('post', '/v1/imports', '{}', { 'content-type': 'application/json' })
    expect(asJson.json).toMatchObject({ kind: 'musicbrainz' })
  })

  test('is taken in from the command line', async ({ world }) => {
    const { url } = await serveApi(world)
    const { key } = await world.account('Command line')
    const terminalOf = () => recordedTerminal({ env: { EARWITNESS_SERVER: url, EARWITNESS_KEY: key } })
    const path = join(world.folder, 'sheet.csv')
    await writeFile(path, sheet)
    const pipeline = await startPipeline(world)
    try {
      const first = terminalOf()
      const out = join(world.folder, 'errors.csv')
      expect(await importFiles([path, '--errors', out], first)).toBe(1)
      expect(first.outText()).toMatch(/^[0-9a-f-]{36}\n$/)
      expect(first.errText()).toMatch(/sheet\.csv +3 +2 +0 +0 +0 +1 +0\n/)
      expect(first.errText()).toMatch(/3 +ISRC +identifier-malformed/)
      await writeFile(path, sheet.replace('not an isrc', 'AA6Q72000048'))
      const second = terminalOf()
      expect(await importFiles([path, '--json'], second)).toBe(0)
      expect(JSON.parse(second.outText())).toMatchObject([{ created: 1, unchanged: 2, errorRows: [] }])
    } finally {
      await pipeline.close()
    }
    // Without workers nothing ends: whoever leaves is told that the work goes on.
    const leaving = terminalOf()
    const left = importFiles([path], leaving)
    await until('the file to be sent', async () => leaving.outText() !== '')
    leaving.controller.abort()
    expect(await left).toBe(130)
    expect(leaving.errText()).toContain('What was sent is taken in by the service all the same')
  })
})
