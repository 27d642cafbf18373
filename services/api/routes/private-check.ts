import { createHash } from 'node:crypto'

import { z } from 'zod'

import { bucketsFor, checkableLeaks } from '../../actions/private-check.ts'
import { LeakManifestId } from '../../core/ids.ts'
import { CheckableLeak } from '../../leaks/leak-store.ts'
import { PREFIXES_MAX, PREFIX_PATTERN, joinBuckets } from '../../leaks/private/bucket-answer.ts'
import { Reply, fileOf, json, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Private check'

/** An index never changes under its id. After a day a leak that was closed to visitors is in no cache any more. */
const CACHE_S = 86_400

const bytes = fileOf('application/octet-stream')

const Prefix = z
  .string()
  .regex(PREFIX_PATTERN)
  .describe('The first 16 bits of the SHA-256 of an ISRC (12 capital letters and digits), as four hex digits')

const CheckableLeakView = view(
  'CheckableLeak',
  CheckableLeak.describe('A leak that can be asked by the private check, and the manifests to ask'),
)
const CheckableLeaksView = view('CheckableLeaks', z.object({ items: z.array(CheckableLeakView) }))

const listLeaks = route({
  id: 'listCheckableLeaks',
  method: 'get',
  path: '/v1/private-check/leaks',
  summary:
    'The leaks that can be asked without telling what is asked for; also for visitors where that is on',
  tag,
  caller: 'visitor',
  answer: CheckableLeaksView,
  problems: ['row/unknown'],
  async handle({ house, caller }) {
    return { items: await checkableLeaks(house, caller) }
  },
})

const getBucket = route({
  id: 'getLeakBucket',
  method: 'get',
  path: '/v1/private-check/manifests/:id/buckets/:prefix',
  summary:
    'Every record of a manifest whose hash begins so, sorted: 8 bytes each, 48 bits of hash and 16 of what is known',
  tag,
  caller: 'visitor',
  params: z.object({ id: LeakManifestId, prefix: Prefix }),
  answer: bytes,
  async handle({ house, caller, params: { id, prefix } }) {
    const beginnings = [Number.parseInt(prefix, 16)]
    const [bucket = Buffer.alloc(0)] = await bucketsFor(house, caller, { manifestId: id, beginnings })
    const headers = {
      ETag: `"${createHash('sha256').update(bucket).digest('base64url')}"`,
      'Cache-Control': `${caller ? 'private' : 'public'}, max-age=${CACHE_S}`,
      Vary: 'Authorization, Cookie',
    }
    return new Reply({ body: bucket, mediaType: 'application/octet-stream' }, { headers })
  },
})

const getBuckets = route({
  id: 'getLeakBuckets',
  method: 'post',
  path: '/v1/private-check/manifests/:id/buckets',
  summary: `The buckets of up to ${PREFIXES_MAX} prefixes in their order, each after its length in bytes as 32 bits, highest byte first`,
  tag,
  caller: 'visitor',
  params: z.object({ id: LeakManifestId }),
  body: json(
    request(
      'LeakPrefixes',
      z
        .strictObject({ prefixes: z.array(Prefix).min(1).max(PREFIXES_MAX) })
        .meta({ examples: [{ prefixes: ['00ff', 'a1b2'] }] }),
    ),
  ),
  answer: bytes,
  async handle({ house, caller, params: { id }, body: { prefixes } }) {
    const beginnings = prefixes.map((prefix) => Number.parseInt(prefix, 16))
    const buckets = await bucketsFor(house, caller, { manifestId: id, beginnings })
    return { body: Buffer.from(joinBuckets(buckets).buffer), mediaType: 'application/octet-stream' }
  },
})

export const privateCheckRoutes = [listLeaks, getBucket, getBuckets]
