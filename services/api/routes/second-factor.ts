import { toString as qrCode } from 'qrcode'
import { z } from 'zod'

import * as factors from '../../actions/second-factor.ts'
import { MemberId } from '../../core/ids.ts'
import { FactorKind, Passkey } from '../../tenants/factor.ts'
import { NewPasskeyAnswer, PasskeyAnswer } from '../../tenants/passkeys.ts'
import { PASSWORD_LENGTH_MAX } from '../../tenants/sign-in.ts'
import { oneId } from '../found.ts'
import { json, nothing, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Second factor'
const here = '/v1/me/second-factor'

const refusals = ['request/too-many', 'auth/second-factor', 'row/stage'] as const

const PasskeyView = Passkey.pick({ id: true, name: true, createdAt: true, lastUsedAt: true })
const FreshView = view(
  'FreshSecondFactor',
  z
    .object({ kind: FactorKind, until: z.date().describe('Until then this session may sign') })
    .describe('The factor that this session has shown'),
)
const StateView = view(
  'SecondFactor',
  z.object({
    totp: z.boolean().describe('Whether an authenticator app is set up'),
    passkeys: z.array(PasskeyView),
    passkeysPossible: z
      .boolean()
      .describe('Browsers allow passkeys only on https with a name, or on localhost'),
    fresh: FreshView.nullable().describe('null: it has to be shown before signing'),
  }),
)
const Proof = request(
  'SecondFactorProof',
  z
    .strictObject({
      password: z
        .string()
        .max(PASSWORD_LENGTH_MAX)
        .optional()
        .describe('Needed for the first factor, by whoever has a password; later ones need a fresh factor'),
    })
    .meta({ examples: [{ password: 'correct horse battery staple' }] }),
)
const Code = request(
  'SecondFactorCode',
  z
    .strictObject({ code: z.string().min(1).max(20).describe('Six digits') })
    .meta({ examples: [{ code: '123456' }] }),
)
/** What `navigator.credentials` takes, once its base64url is bytes: `PublicKeyCredential.parse…FromJSON`. */
const OptionsView = view('PasskeyOptions', z.looseObject({ challenge: z.string() }))

const get = route({
  id: 'getSecondFactor',
  method: 'get',
  path: here,
  summary: 'The caller’s own second factors, and until when one counts in this session',
  tag,
  caller: 'member',
  answer: StateView,
  async handle({ house, caller }) {
    const state = await factors.secondFactorOf(house, caller)
    return { ...state, passkeys: [...state.passkeys], fresh: state.fresh ?? null }
  },
})

const begin = route({
  id: 'beginTotp',
  method: 'post',
  path: `${here}/totp`,
  summary: 'Begin to set up an authenticator app; nothing counts until its first right code',
  tag,
  caller: 'member',
  guessable: true,
  body: json(Proof),
  status: 201,
  answer: view(
    'TotpSetUp',
    z.object({
      secret: z.string().describe('In base32, to be typed'),
      uri: z.string().describe('What the QR code says'),
      svg: z.string().describe('The QR code'),
    }),
  ),
  problems: refusals,
  async handle({ house, caller, body }) {
    const begun = await factors.beginTotp(house, caller, body.password)
    return { ...begun, svg: await qrCode(begun.uri, { type: 'svg' }) }
  },
})

const enrol = route({
  id: 'enrolTotp',
  method: 'post',
  path: `${here}/totp/confirm`,
  summary: 'End the set-up with the first right code, which counts as shown',
  tag,
  caller: 'member',
  guessable: true,
  body: json(Code),
  answer: FreshView,
  problems: refusals,
  handle: ({ house, caller, body }) => factors.enrolTotp(house, caller, body.code),
})

const verify = route({
  id: 'verifyTotp',
  method: 'post',
  path: `${here}/verify`,
  summary: 'Show the second factor by a code; each code counts once',
  tag,
  caller: 'member',
  guessable: true,
  body: json(Code),
  answer: FreshView,
  problems: refusals,
  handle: ({ house, caller, body }) => factors.confirmTotp(house, caller, body.code),
})

const offer = route({
  id: 'offerPasskey',
  method: 'post',
  path: `${here}/passkeys/options`,
  summary: 'What a browser needs to make a passkey',
  tag,
  caller: 'member',
  guessable: true,
  body: json(Proof),
  answer: OptionsView,
  problems: [...refusals, 'request/conflict'],
  handle: async ({ house, caller, body }) => ({
    ...(await factors.offerPasskey(house, caller, body.password)),
  }),
})

const add = route({
  id: 'addPasskey',
  method: 'post',
  path: `${here}/passkeys`,
  summary: 'Add the passkey that the browser made, which counts as shown',
  tag,
  caller: 'member',
  guessable: true,
  body: json(
    request(
      'NewPasskey',
      z.strictObject({ name: z.string().trim().min(1).max(100), credential: NewPasskeyAnswer }),
    ),
  ),
  status: 201,
  answer: FreshView,
  problems: [...refusals, 'request/conflict'],
  handle: ({ house, caller, body }) => factors.addPasskey(house, caller, body.name, body.credential),
})

const askPasskey = route({
  id: 'askPasskey',
  method: 'post',
  path: `${here}/verify/passkey/options`,
  summary: 'What a browser needs to have a passkey answer',
  tag,
  caller: 'member',
  guessable: true,
  answer: OptionsView,
  problems: [...refusals, 'request/conflict'],
  handle: async ({ house, caller }) => ({ ...(await factors.askPasskey(house, caller)) }),
})

const verifyPasskey = route({
  id: 'verifyPasskey',
  method: 'post',
  path: `${here}/verify/passkey`,
  summary: 'Show the second factor by a passkey’s answer',
  tag,
  caller: 'member',
  guessable: true,
  body: json(request('PasskeyAnswer', z.strictObject({ credential: PasskeyAnswer }))),
  answer: FreshView,
  problems: refusals,
  handle: ({ house, caller, body }) => factors.confirmPasskey(house, caller, body.credential),
})

const removeTotp = route({
  id: 'removeTotp',
  method: 'delete',
  path: `${here}/totp`,
  summary: 'Remove one’s authenticator app; needs a fresh second factor',
  tag,
  caller: 'member',
  answer: nothing,
  problems: ['auth/second-factor'],
  handle: ({ house, caller }) => factors.removeFactor(house, caller, { kind: 'totp' }),
})

const removePasskey = route({
  id: 'removePasskey',
  method: 'delete',
  path: `${here}/passkeys/:id`,
  summary: 'Remove one of one’s passkeys; needs a fresh second factor',
  tag,
  caller: 'member',
  params: oneId(Passkey.shape.id.regex(/^[\w-]+$/).max(1400)),
  answer: nothing,
  problems: ['auth/second-factor', 'row/unknown'],
  handle: ({ house, caller, params }) =>
    factors.removeFactor(house, caller, { kind: 'passkey', id: params.id }),
})

const reset = route({
  id: 'resetSecondFactor',
  method: 'post',
  path: '/v1/members/:id/reset-second-factor',
  summary: 'Take all second factors of a person who lost their device; needs one’s own, fresh',
  tag,
  caller: { role: 'owner' },
  params: oneId(MemberId),
  answer: nothing,
  problems: ['auth/second-factor', 'row/unknown'],
  handle: ({ house, caller, params }) => factors.resetFactors(house, caller, params.id),
})

export const secondFactorRoutes = [
  get,
  begin,
  enrol,
  verify,
  offer,
  add,
  askPasskey,
  verifyPasskey,
  removeTotp,
  removePasskey,
  reset,
]
