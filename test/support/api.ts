import type { Router } from 'express'

import { registerRecording } from '../../services/actions/catalogue.ts'
import { submitFile } from '../../services/actions/submissions.ts'
import * as alerts from '../../services/alerts/store.ts'
import { createHttpApp } from '../../services/api/app.ts'
import type { LimitOptions } from '../../services/api/limits.ts'
import { ENGINE_VERSION } from '../../services/audio/constants.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import { RecordingId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { noteDecision } from '../../services/matches/case-store.ts'
import type { Passage, PassageSketches } from '../../services/matches/match.ts'
import * as matches from '../../services/matches/store.ts'
import * as items from '../../services/submissions/item-store.ts'
import { keepItems } from '../../services/submissions/opened-store.ts'
import * as submissions from '../../services/submissions/store.ts'
import { cookieName } from '../../services/tenants/caller.ts'
import { openSession } from '../../services/tenants/sign-in.ts'
import { createMember } from '../../services/tenants/store.ts'
import type { Member, Role } from '../../services/tenants/tenant.ts'
import type { Account, World } from './world.ts'

/** What a request was answered; `json` of an empty body is undefined. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Whatever came: a test says what it expects of it. */
  readonly json: ReturnType<typeof JSON.parse>
}

/** One caller of a running API. Paths begin with a slash; a body that is no text, bytes or form is sent as JSON. */
export interface Client {
  (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

export interface Api {
  readonly url: string
  anonymous: Client
  withKey(key: string): Client
  /** A browser in which the member is signed in, on our own pages. */
  signedIn(member: Member): Promise<Client>
}

function clientOf(url: string, own: Record<string, string>): Client {
  return async (method, path, body, headers = {}) => {
    const isJson =
      body !== undefined &&
      !(typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData)
    const response = await fetch(url + path, {
      method: method.toUpperCase(),
      headers: { ...(isJson && { 'content-type': 'application/json' }), ...own, ...headers },
      redirect: 'manual',
      ...(body !== undefined && { body: isJson ? JSON.stringify(body) : (body as string | FormData) }),
    })
    const text = await response.text()
    const holdsJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: holdsJson && text ? JSON.parse(text) : undefined,
    }
  }
}

/** Serves the API of a world until its test ends. */
export async function serveApi(
  world: World,
  options: { web?: Router; limits?: Partial<LimitOptions> } = {},
): Promise<Api> {
  const url = await world.listen(createHttpApp(world.house, options.web, options.limits))
  const { publicUrl } = world.house.config
  return {
    url,
    anonymous: clientOf(url, {}),
    withKey: (key) => clientOf(url, { authorization: `Bearer ${key}` }),
    async signedIn(member) {
      const token = await world.house.db.system((tx) => openSession(tx, member))
      return clientOf(url, { cookie: `${cookieName(publicUrl)}=${token}`, origin: publicUrl })
    },
  }
}

/** A further member of an account, with just these roles. */
export const memberWith = (world: World, account: Account, roles: readonly Role[]): Promise<Member> =>
  world.house.db.system((tx) =>
    createMember(tx, account.tenant.id, {
      email: `${roles.join('-')}-${account.tenant.id}@example.org`,
      name: `A ${roles.join(' ')}`,
      roles,
    }),
  )

/** Forty seconds of a quiet tone, as a WAV file that every ffmpeg reads. */
export function toneWav(seconds = 40): Buffer {
  const rate = 8_000
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + seconds * rate, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 36)
  header.writeUInt32LE(seconds * rate, 40)
  const samples = Buffer.from(
    Array.from(
      { length: seconds * rate },
      (_, i) => 128 + Math.round(40 * Math.sin((2 * Math.PI * 440 * i) / rate)),
    ),
  )
  return Buffer.concat([header, samples])
}

export const passage: Passage = {
  suspectFromMs: 1_000,
  suspectToMs: 36_000,
  referenceFromMs: 3_000,
  referenceToMs: 38_000,
  speed: 1,
  pitch: 1,
  speedError: 0.0002,
  pitchError: 0.001,
  change: 'none',
  landmarksMatched: 90,
  landmarksExpected: 100,
  bits: 120,
  score: 120,
  threshold: 40,
  falseMatchProbability: 1e-9,
  sharedWith: [],
  excluded: false,
  points: [{ suspectMs: 1_500, referenceMs: 3_500, hz: 440, matched: true }],
}

/** One of everything that has an id, belonging to one account. */
export interface Seeded {
  readonly recordingId: string
  readonly unusedRecordingId: string
  readonly submissionId: string
  readonly failedSubmissionId: string
  readonly matchId: string
  readonly caseId: string
}

async function* bytes(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content
}

/** Writes what the pipeline would have written for a recording that was found in a file. */
export async function seed(
  world: World,
  account: Account,
  { held = true, sketches }: { held?: boolean; sketches?: PassageSketches } = {},
): Promise<Seeded> {
  const { house } = world
  const { caller } = account
  const tone = toneWav()
  const { sha256 } = await house.blobs.put(bytes(tone), { bytesMax: tone.length })
  const register = (title: string) =>
    registerRecording(house, caller, NewRecording.parse({ title, artists: ['The Sample Band'] }))
  const { recording } = await register('Monsoon Letters')
  const { recording: unused } = await register('Never found')
  const submission = await submitFile(house, caller, { fileName: 'leak.wav', source: bytes(tone) })
  const failing = await submitFile(house, caller, { fileName: 'broken.wav', source: bytes(tone) })

  return house.db.system(async (tx) => {
    await recordings.awaitFingerprint(tx, recording.id, sha256)
    await recordings.decideAudio(tx, recording.id, held)
    await recordings.markRecognisable(tx, recording.id)
    const found = { name: 'leak.wav', mediaType: 'audio/wav', sha256, bytes: tone.length }
    const [itemId] = await keepItems(tx, submission, [found])
    if (!itemId) throw new Error('no item')
    await items.keepDecoded(tx, itemId, {
      durationMs: 40_000,
      truncated: false,
      tags: { title: 'leak' },
      mediaHeld: held,
    })
    const location = { key: `sha256:${sha256}`, text: 'leak.wav' }
    const about = {
      tenantId: caller.tenantId,
      itemId,
      engineVersion: ENGINE_VERSION,
      retroactive: false,
      location,
    }
    const [opened] = await matches.record(tx, about, [
      {
        recordingId: RecordingId.parse(recording.id),
        passages: [{ ...passage, sketches }],
        confidence: 1,
        falseMatchProbability: 1e-9,
        shareOfRecording: 0.9,
        shareOfSuspect: 0.9,
      },
    ])
    if (!opened) throw new Error('no case')
    await noteDecision(tx, { id: opened.id, tenantId: caller.tenantId }, { kind: 'opened', actor: 'system' })
    const alert = await alerts.gather(tx, caller.tenantId, opened.id, 1)
    const mail = {
      messageId: '<1@example.org>',
      recipient: account.member.email,
      subject: 'Found',
      body: 'It was',
      response: '250 ok',
    }
    await alerts.keepMail(tx, { id: alert.id, tenantId: caller.tenantId }, account.member.id, mail)
    const compared = {
      recordings: 2,
      hours: 0.1,
      engineVersion: ENGINE_VERSION,
      seconds: 0.2,
      at: new Date().toISOString(),
    }
    await items.keepCompared(tx, itemId, compared)
    await submissions.settle(tx, submission.id)
    const [match] = await matches.list(tx, { submissionId: submission.id })
    if (!match) throw new Error('no match')
    await submissions.stages.fail(
      tx,
      failing.id,
      'unpack',
      new Problem('file/unsupported', 'Not a file we know'),
    )
    return {
      recordingId: recording.id,
      unusedRecordingId: unused.id,
      submissionId: submission.id,
      failedSubmissionId: failing.id,
      matchId: match.id,
      caseId: opened.id,
    }
  })
}
