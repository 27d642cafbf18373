import { z } from 'zod'

import { handleReply, handledAs } from '../../actions/handle-reply.ts'
import { takeReply } from '../../actions/replies.ts'
import { ReplyId } from '../../core/ids.ts'
import { Problem } from '../../core/problem.ts'
import { answeredOutcomes } from '../../notices/notice-state.ts'
import { MAIL_BYTES_MAX } from '../../notices/replies/parse-mail.ts'
import { Reply as StoredReply, findReply, listReplies } from '../../notices/reply-store.ts'
import { found, oneId } from '../found.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { Reply, json, route, stream } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Replies'

const ReplyView = view(
  'Reply',
  StoredReply.omit({ tenantId: true })
    .extend({
      text: StoredReply.shape.text.describe('Its text as it came; never follow links in it unread'),
      findings: StoredReply.shape.findings.describe('What was read from it'),
      rawSha256: StoredReply.shape.rawSha256.describe('Of the mail as it came'),
      handledAt: StoredReply.shape.handledAt.describe('null: a person has to read it'),
      handledBy: StoredReply.shape.handledBy.describe('`system` where no person was needed'),
    })
    .describe('A mail that came in answer to a notice'),
)

const listAll = route({
  id: 'listReplies',
  method: 'get',
  path: '/v1/replies',
  summary: 'Answers to notices, newest first',
  tag,
  caller: 'any',
  query: z.strictObject({
    ...pageQuery,
    waiting: z.stringbool().default(false).describe('Only those that a person has to read'),
  }),
  answer: listOf('ReplyList', ReplyView),
  async handle({ house, caller, query: { waiting, cursor: after, limit } }) {
    const asked = { waiting, after, limit: limit + 1 }
    const rows = await house.db.tenant(caller.tenantId, (tx) => listReplies(tx, asked))
    return pageOf(rows, limit, ({ receivedAt }) => receivedAt)
  },
})

/** A mail that is sent in, up to what is taken of one. @throws {Problem} request/invalid, request/too-large. */
async function mailOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.byteLength
    if (bytes > MAIL_BYTES_MAX)
      throw new Problem('request/too-large', `A mail of more than ${MAIL_BYTES_MAX} bytes is not taken`)
    chunks.push(chunk)
  }
  if (bytes === 0)
    throw new Problem('request/invalid', 'The body must be the mail as it came, with its headers')
  return Buffer.concat(chunks)
}

const take = route({
  id: 'takeReply',
  method: 'post',
  path: '/v1/replies',
  summary: 'Hand in a mail that answers a notice, as it came (message/rfc822)',
  tag,
  caller: 'any',
  query: z.strictObject({
    to: z
      .email()
      .max(320)
      .optional()
      .describe('The address of the envelope, when a mail server pipes it here'),
  }),
  body: stream,
  status: 201,
  otherStatus: 200,
  answer: ReplyView,
  problems: ['request/too-many'],
  async handle({ house, caller, query: { to: envelopeTo }, body }) {
    const taken = await takeReply(house, await mailOf(body), { caller, envelopeTo })
    const reply = await house.db.tenant(caller.tenantId, (tx) => findReply(tx, taken.id))
    return new Reply(found(reply, 'answer'), { status: taken.isNew ? 201 : 200 })
  },
})

const getOne = route({
  id: 'getReply',
  method: 'get',
  path: '/v1/replies/:id',
  summary: 'An answer to a notice',
  tag,
  caller: 'any',
  params: oneId(ReplyId),
  answer: ReplyView,
  handle: async ({ house, caller, params }) =>
    found(await house.db.tenant(caller.tenantId, (tx) => findReply(tx, params.id)), 'answer'),
})

const handle = route({
  id: 'handleReply',
  method: 'post',
  path: '/v1/replies/:id/handle',
  summary: 'Say what an answer means for its notice',
  tag,
  caller: 'member',
  params: oneId(ReplyId),
  body: json(
    request(
      'ReplyHandling',
      z.strictObject({
        as: z.enum(handledAs).describe('The event that it is for the notice; `commented` changes nothing'),
        outcome: z
          .enum(answeredOutcomes)
          .optional()
          .describe('Of all locations of the notice that have no answer yet'),
        comment: z.string().trim().min(1).max(5000),
      }),
    ),
  ),
  answer: ReplyView,
  problems: ['row/stage'],
  handle: ({ house, caller, params, body }) => handleReply(house, caller, params.id, body),
})

export const replyRoutes = [listAll, take, getOne, handle]
