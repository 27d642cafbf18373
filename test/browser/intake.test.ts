import express from 'express'
import type { Page } from 'playwright-core'

import { submitList } from '../../services/actions/batches.ts'
import type { House } from '../../services/actions/house.ts'
import { allowSender, renewIntake } from '../../services/actions/intake.ts'
import { keepScreenshotIn } from '../../services/actions/screenshots.ts'
import { submitFile, submitUrl } from '../../services/actions/submissions.ts'
import { pauseWatch, startWatch } from '../../services/actions/watches.ts'
import { createHttpApp } from '../../services/api/app.ts'
import type { SubmissionId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { noteMail } from '../../services/intake/store.ts'
import { keepFinds } from '../../services/submissions/opened-store.ts'
import { settle } from '../../services/submissions/store.ts'
import { cookieName } from '../../services/tenants/caller.ts'
import { openSession } from '../../services/tenants/sign-in.ts'
import { failRead, takeRead } from '../../services/watch-reads.ts'
import { startRead } from '../../services/watches/store.ts'
import { NewWatch } from '../../services/watches/watch.ts'
import { createWeb } from '../../web/router.ts'
import { faultsOf, openBrowser, shot } from '../support/browser.ts'
import { findAt, registered } from '../support/found-case.ts'
import { bytesOf } from '../support/opened.ts'
import { findPrograms } from '../support/programs.ts'
import { pngOf } from '../support/screenshot-calls.ts'
import { type Account, type World, expect, test } from '../support/world.ts'

const { chromium } = await findPrograms()

/** A narrow phone, and a small laptop. */
const sizes = { phone: { width: 375, height: 740 }, laptop: { width: 1280, height: 860 } } as const
/** A name as long as hosts make them, with nowhere to break. */
const LONG = `${'A_Very_Long_Name_That_Nobody_Would_Type_'.repeat(4)}.mp3`
const ITEMS = 5_000
/** As many as an opener writes together. */
const ITEMS_AT_ONCE = 200

/** From the first link of the menu to the first rows of a list. */
const PRESSES = 25
/** Pages of which a picture is kept for people to look at. */
const pictured: ReadonlySet<string> = new Set([
  'tree-laptop',
  'batches-phone',
  'watches-laptop',
  'failing-phone',
  'history-phone',
  'case-laptop',
])

/** What reads badly or cannot be told apart with assistive technology, beside `faultsOf`. */
const structureFaults = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`(() => {
    const faults = []
    let level = 0
    for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5')) {
      if (!heading.checkVisibility()) continue
      const next = Number(heading.tagName[1])
      if (next > level + 1) faults.push('h' + next + ' follows h' + level + ': ' + heading.textContent.trim())
      level = next
    }
    for (const table of document.querySelectorAll('table'))
      if (!table.caption || !table.querySelector('th[scope]')) faults.push('a table without caption or heads')
    return faults
  })()`)

/** Goes through a page with the Tab key. @returns what has the focus and does not show it. */
async function hiddenFocus(page: Page, presses: number): Promise<string[]> {
  const faults = new Set<string>()
  for (let press = 0; press < presses; press += 1) {
    await page.keyboard.press('Tab')
    const fault = await page.evaluate<string | undefined>(`(() => {
      const element = document.activeElement
      if (element === document.body || element.checkVisibility?.() === false) return undefined
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      const around = getComputedStyle(element.parentElement)
      const shows = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none' ||
        (around.outlineStyle !== 'none' && around.outlineWidth !== '0px') || around.boxShadow !== 'none'
      return shows ? undefined : element.outerHTML.slice(0, 120)
    })()`)
    if (fault) faults.add(fault)
  }
  return [...faults]
}

/** Fills a field with what is refused and sends it by keyboard. @returns what is said beside the field. */
async function refusedField(page: Page, name: string, value: string): Promise<string> {
  const field = page.locator(`input[name=${name}]:not([type=hidden])`)
  await field.fill(value)
  await Promise.all([page.waitForLoadState('load'), field.press('Enter')])
  const refused = page.locator(`input[name=${name}][aria-invalid=true]`)
  await refused.waitFor()
  expect(await refused.inputValue()).toBe(value)
  const ids = (await refused.getAttribute('aria-describedby')) ?? ''
  const told = await Promise.all(ids.split(' ').map((id) => page.locator(`#${id}`).textContent()))
  return told.join(' ')
}

/** A submission with a tree: a page that leads to an archive in which an archive lies, and much that cannot be had. */
async function deepTree({ house }: World, { caller }: Account): Promise<SubmissionId> {
  const submission = await submitFile(house, caller, { fileName: LONG, source: bytesOf('tree') })
  const levels = ['page', 'player 2 at 0:31', 'Album (2020) [FLAC].zip', 'CD1', 'bonus.7z']
  await house.db.system(async (tx) => {
    const finds = levels.map((_, depth) => ({
      kind: 'container' as const,
      name: levels[depth] ?? '',
      place: levels.slice(0, depth),
      mediaType: 'application/zip',
    }))
    const at = { place: levels, mediaType: 'audio/mpeg' }
    const problem = new Problem('open/encrypted', 'It is encrypted, and no password is tried')
    await keepFinds(tx, { submission }, 0, [
      ...finds,
      { ...at, kind: 'listed', name: LONG },
      { ...at, kind: 'container', name: 'locked.zip', problem },
    ])
    await tx.run`update item set stage = 'done' where submission_id = ${submission.id} and stage <> 'failed'`
    await tx.run`update submission set stage = 'compare' where id = ${submission.id}`
    await settle(tx, submission.id)
  })
  return submission.id
}

/** A submission with as many items as there can be. */
async function crowd({ house }: World, { caller }: Account): Promise<SubmissionId> {
  const submission = await submitFile(house, caller, {
    fileName: 'discography.torrent',
    source: bytesOf('crowd'),
  })
  await house.db.system(async (tx) => {
    const finds = Array.from({ length: ITEMS }, (_, index) => ({
      kind: 'listed' as const,
      name: `${index + 1} - Piece.flac`,
      place: ['discography.torrent'],
      mediaType: 'application/octet-stream',
      bytes: 30_000_000,
    }))
    for (let from = 0; from < ITEMS; from += ITEMS_AT_ONCE)
      await keepFinds(tx, { submission }, from, finds.slice(from, from + ITEMS_AT_ONCE))
    await tx.run`update item set stage = 'done' where submission_id = ${submission.id}`
    await tx.run`update submission set stage = 'compare' where id = ${submission.id}`
    await settle(tx, submission.id)
  })
  return submission.id
}

/** Watches in the states that people see: failing, paused, and with a history. */
async function watches({ house }: World, { caller }: Account) {
  const watch = (name: string, path: string) =>
    startWatch(
      house,
      caller,
      NewWatch.parse({ url: `https://forum.example/${path}`, name, everyH: 6, takesFirst: true }),
    )
  const failing = await watch('A feed that is gone', 'gone')
  for (let failures = 0; failures < 6; failures += 1)
    await house.db.system(async (tx) =>
      failRead(
        tx,
        await startRead(tx, failing),
        new Problem('watch/gone', 'Its host answered HTTP 404: there is no such page'),
      ),
    )
  const paused = await watch('A quiet page', 'quiet')
  await pauseWatch(house, caller, paused.id)
  const busy = await watch(`Search results for ${LONG}`, `search?q=${'long+words+'.repeat(20)}`)
  for (let read = 0; read < 3; read += 1)
    await house.db.system(async (tx) => {
      const links = Array.from(
        { length: 10 * (read + 1) },
        (_, index) => `https://files.example/${index}/${LONG}`,
      )
      await takeRead(tx, await startRead(tx, busy), { status: 200, etag: null, lastModified: null, links })
    })
  return { failing, paused, busy }
}

/** A case with a picture of its page, and others that have to do with it. */
async function caseWithPictures(world: World, account: Account): Promise<string> {
  const scene = { ...world, owner: account.caller }
  const recordingId = await registered(scene, 'Monsoon')
  const url = `https://files.example/${LONG}`
  const { id } = await findAt(scene, recordingId, { url })
  for (const host of ['files', 'other', 'third'])
    await findAt(scene, recordingId, { url: `https://${host}.example/again/${LONG}` })
  const said = JSON.stringify({ name: 'Sample Uploader', url: 'https://soundcloud.com/sample-uploader' })
  await world.house.db.system((tx) => tx.run`update case_file set said_uploader = ${said} where id = ${id}`)
  const picture = await pngOf('#204060', 1280, 2_400)
  const stored = await world.house.blobs.put(bytesOf(picture), { bytesMax: 1_000_000 })
  const about = { id, tenantId: account.tenant.id }
  const size = { mediaType: 'image/png', width: 1280, height: 2_400 } as const
  const taken = { source: 'browser', address: url, takenAt: new Date() } as const
  await world.house.db.system((tx) =>
    keepScreenshotIn(tx, about, { ...taken, ...size, ...stored, takenBy: 'system', note: LONG }),
  )
  return id
}

/** The service with all of that in it, and a way to look at its pages. */
async function openIntake(world: World) {
  const app = express()
  const url = await world.listen(app)
  const config = { ...world.house.config, publicUrl: url, MAIL_IN_PORT: 2525 }
  const house: House = { ...world.house, config }
  app.use(createHttpApp(house, createWeb(house)))
  const [empty, full] = [await world.account('Empty'), await world.account('Full')]
  const cookieOf = async ({ member }: Account) => ({
    name: cookieName(url),
    value: await house.db.system((tx) => openSession(tx, member)),
    url,
  })
  const { caller } = full
  for (let i = 0; i < 12; i += 1)
    await submitUrl(house, caller, {
      url: `https://files.example/${i}/${LONG}`,
      note: i % 3 ? undefined : LONG,
    })
  const list = Array.from({ length: 2_000 }, (_, i) => `https://host${i % 40}.example/${i}/song.mp3`)
  const refused = Array.from({ length: 60 }, (_, i) => (i % 2 ? `no address ${i}` : LONG))
  const batch = await submitList(house, caller, {
    name: `List ${LONG}`.slice(0, 200),
    source: bytesOf([...list, ...refused].join('\n')),
  })
  await renewIntake(house, caller)
  for (const pattern of ['@records.example', `${'long.name.'.repeat(6)}x@mail.example`])
    await allowSender(house, caller, pattern)
  await house.db.system(async (tx) => {
    for (const outcome of ['sender', 'repeated', 'automatic', 'empty'] as const) {
      const about = { key: outcome.padEnd(64, 'a'), sender: 'somebody@mail.example', subject: LONG }
      await noteMail(tx, { tenantId: full.tenant.id, outcome, ...about })
    }
  })
  const seen = await watches(world, full)
  const [tree, many, caseId] = [
    await deepTree(world, full),
    await crowd(world, full),
    await caseWithPictures(world, full),
  ]
  return {
    empty: await cookieOf(empty),
    full: await cookieOf(full),
    url,
    pages: {
      submissions: '/submissions',
      tree: `/submissions/${tree}`,
      many: `/submissions/${many}`,
      batches: '/batches',
      batch: `/batches/${batch.id}`,
      watches: '/watches',
      failing: `/watches/${seen.failing.id}`,
      paused: `/watches/${seen.paused.id}`,
      history: `/watches/${seen.busy.id}`,
      intake: '/settings/intake',
      case: `/cases/${caseId}`,
    },
  }
}

test.skipIf(!chromium)(
  'the pages of intake fit a phone and a laptop, empty and full, and can be used by keyboard',
  async ({ world }) => {
    const { empty, full, url, pages } = await openIntake(world)
    const browser = await openBrowser(chromium ?? '')
    try {
      const faults: Record<string, string[]> = {}
      const look = async (page: Page, name: string, path: string): Promise<void> => {
        await page.goto(url + path)
        const found = [...(await faultsOf(page)), ...(await structureFaults(page))]
        if (pictured.has(name)) await shot(page, `intake-${name}`)
        if (name.endsWith('laptop')) found.push(...(await hiddenFocus(page, PRESSES)))
        if (found.length > 0) faults[name] = found
      }
      for (const [size, viewport] of Object.entries(sizes)) {
        const bare = await browser.page({ viewport })
        await bare.context().addCookies([empty])
        for (const name of ['submissions', 'batches', 'watches', 'intake'] as const)
          await look(bare, `empty-${name}-${size}`, pages[name])
        const page = await browser.page({ viewport })
        await page.context().addCookies([full])
        for (const [name, path] of Object.entries(pages)) await look(page, `${name}-${size}`, path)
        await page.goto(url + pages.intake)
        expect(await refusedField(page, 'pattern', 'nobody')).toMatch(/domain|address/)
        await page.goto(url + pages.watches)
        expect(await refusedField(page, 'url', 'ftp://files.example/feed')).toMatch(/http/)
      }
      expect(faults).toEqual({})
      // Something was refused with 400, and nothing else went wrong.
      expect(browser.complaints.filter((each) => !each.includes('status of 400'))).toEqual([])
    } finally {
      await browser.close()
    }
  },
)
