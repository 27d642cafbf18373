import express from 'express'

import { ENGINE_VERSION } from '../../services/audio/constants.ts'
import { encodeSketch } from '../../services/audio/extract/sketch-bytes.ts'
import { loadSketches } from '../../services/catalog/references.ts'
import { keepReference } from '../../services/catalog/references.ts'
import { RecordingId, Sha256, newId } from '../../services/core/ids.ts'
import { sketchesOfPassage, withSketches } from '../../services/matches/sketches.ts'
import {
  findSuspectFingerprint,
  keepSuspectFingerprint,
} from '../../services/submissions/suspect-fingerprints.ts'
import { openSession } from '../../services/tenants/sign-in.ts'
import { createWeb } from '../../web/router.ts'
import { passage, seed, serveApi } from '../support/api.ts'
import { describe, expect, test } from '../support/world.ts'
import { sketchOf } from '../unit/report-samples.ts'

const [suspect, reference] = [sketchOf(1), sketchOf(2)]
const engineVersion = ENGINE_VERSION
const share = { confidence: 1, falseMatchProbability: 0, shareOfRecording: 1, shareOfSuspect: 1 }
const unreadable = (problem: unknown): never => {
  throw problem
}
const durationMs = 40_000

/** Shades of cells, for each of which a picture has one path. */
const shadesIn = (text: string): number => text.match(/<path transform/g)?.length ?? 0

describe('spectrograms', () => {
  test('of both sides are on the page of a match, in its picture, and in the report for good', async ({
    world,
  }) => {
    const account = await world.account('Sample')
    const sketches = sketchesOfPassage(passage, { suspect, reference })
    const { matchId, caseId } = await seed(world, account, { sketches })

    const dashboard = await world.listen(express().use(createWeb(world.house)))
    const token = await world.house.db.system((tx) => openSession(tx, account.member))
    const page = await fetch(`${dashboard}/matches/${matchId}`, {
      headers: { cookie: `earwitness=${token}` },
    })
    const html = await page.text()
    expect(html).toContain('90 of 100 landmarks of the recording were found again')
    expect(shadesIn(html)).toBe(10)
    expect(html).toMatch(/How to read this.*Every mark\s+is a landmark/s)

    const ask = (await serveApi(world)).withKey(account.key)
    const picture = await ask('get', `/v1/matches/${matchId}/picture.svg`)
    expect(shadesIn(picture.text)).toBe(10)
    // A match is answered with its landmarks, but its sketches are for pictures only.
    const { json: match } = await ask('get', `/v1/matches/${matchId}`)
    expect(match.passages[0]).not.toHaveProperty('sketches')

    const { json: report } = await ask('post', `/v1/cases/${caseId}/reports`, {})
    const download = (format: string) => ask('get', `/v1/reports/${report.id}/download?format=${format}`)
    expect((await download('pdf')).text).toMatch(/^%PDF/)
    const [told] = (await download('json')).json.matches[0].passages
    expect(told.suspectSketch).toBe(Buffer.from(sketches.suspect ?? []).toString('base64'))
    expect(told.referenceSketch).toBe(Buffer.from(sketches.reference ?? []).toString('base64'))
  })

  test('are done without where they are not known', async ({ world }) => {
    const account = await world.account('Sample')
    const { matchId } = await seed(world, account)
    const ask = (await serveApi(world)).withKey(account.key)
    const picture = await ask('get', `/v1/matches/${matchId}/picture.svg`)
    expect(shadesIn(picture.text)).toBe(0)
    expect(picture.text).toContain('90 of 100 landmarks')
  })

  test('are kept beside both fingerprints, and what is found takes its part of them along', async ({
    world,
  }) => {
    const account = await world.account('Sample')
    const { recordingId, unusedRecordingId } = await seed(world, account)
    const [known, other] = [RecordingId.parse(recordingId), RecordingId.parse(unusedRecordingId)]
    const sha256 = Sha256.parse('a'.repeat(64))
    const found = await world.house.db.system(async (tx) => {
      const fingerprint = new Uint8Array([1, 2, 3])
      await keepSuspectFingerprint(tx, sha256, engineVersion, {
        fingerprint,
        durationMs,
        truncated: false,
        sketch: encodeSketch(suspect),
        otherMix: null,
      })
      const row = { id: known, tenantId: account.tenant.id }
      const made = { engineVersion, fingerprint, durationMs, madeBy: 'local' } as const
      await keepReference(tx, row, made)
      expect(await loadSketches(tx, [known, other])).toEqual(new Map())
      // The same fingerprint once more, now with a sketch; matchers need not hear of it.
      await keepReference(tx, row, { ...made, sketch: encodeSketch(reference) })
      const stored = await findSuspectFingerprint(tx, sha256, engineVersion)
      const references = await loadSketches(tx, [known, other])
      expect([...references.keys()]).toEqual([known])
      return withSketches(
        [known, other].map((id) => ({ recordingId: id, passages: [passage], ...share })),
        stored?.sketch ?? undefined,
        references,
        unreadable,
      )
    })
    const whole = sketchesOfPassage(passage, { suspect, reference })
    expect(found.map(({ passages }) => passages[0]?.sketches)).toEqual([
      whole,
      { suspect: whole.suspect, reference: undefined },
    ])
    // Another fingerprint is of other audio: its sketch, or none, takes the place of the old one.
    await world.house.db.system(async (tx) => {
      const fingerprint = new Uint8Array([4])
      const made = { engineVersion, fingerprint, durationMs, madeBy: 'local' } as const
      await keepReference(tx, { id: known, tenantId: account.tenant.id }, made)
      expect(await loadSketches(tx, [known])).toEqual(new Map())
    })
  })

  test('that cannot be read cost the picture its shades, not the find', () => {
    const recordingId = newId(RecordingId)
    const told: unknown[] = []
    const [found] = withSketches(
      [{ recordingId, passages: [passage], ...share }],
      encodeSketch(suspect),
      new Map([[recordingId, encodeSketch(reference).fill(0, 20, 24)]]),
      (problem) => told.push(problem),
    )
    expect(told).toMatchObject([{ type: 'sketch/malformed' }])
    expect(found?.passages[0]?.sketches).toEqual({
      suspect: sketchesOfPassage(passage, { suspect, reference: undefined }).suspect,
      reference: undefined,
    })
  })
})
