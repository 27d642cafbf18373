import { certificateOf, downloadCapsule, requestCapsule } from '../../actions/evidence.ts'
import { CapsuleId, CaseId, NoticeId } from '../../core/ids.ts'
import { CAPSULE_DAYS, Capsule } from '../../evidence/capsule.ts'
import { findCapsule } from '../../evidence/store.ts'
import { found, oneId } from '../found.ts'
import { Reply, fileOf, route } from '../route.ts'
import { view } from '../schema.ts'

const tag = 'Evidence'

const CapsuleView = view(
  'Capsule',
  Capsule.omit({ tenantId: true })
    .extend({
      caseId: Capsule.shape.caseId.describe('Of the case that it is about'),
      noticeId: Capsule.shape.noticeId.describe('Of the notice that it is about'),
      progress: Capsule.shape.progress.describe('0 … 1 while it is being built'),
      manifestSha256: Capsule.shape.manifestSha256.describe(
        'Keep it apart: it proves which capsule was made',
      ),
      timeStamped: Capsule.shape.timeStamped.describe('An authority stamped the manifest (RFC 3161)'),
      sha256: Capsule.shape.sha256.describe('Of the file'),
      held: Capsule.shape.held.describe(`The file can be had, for ${CAPSULE_DAYS} days`),
    })
    .describe('An evidence capsule: a zip archive that can be verified off-line'),
)

const accepted = (capsule: Capsule): Reply<Capsule> =>
  new Reply(capsule, { headers: { Location: `/v1/capsules/${capsule.id}` } })

const ofCase = route({
  id: 'requestCaseEvidence',
  method: 'post',
  path: '/v1/cases/:id/evidence',
  summary: 'Have an evidence capsule of a case built',
  tag,
  caller: 'any',
  params: oneId(CaseId),
  status: 202,
  answer: CapsuleView,
  problems: ['auth/forbidden'],
  idempotent: true,
  async handle({ house, caller, params: { id } }) {
    return accepted(await requestCapsule(house, caller, { caseId: id }))
  },
})

const ofNotice = route({
  id: 'requestNoticeEvidence',
  method: 'post',
  path: '/v1/notices/:id/evidence',
  summary: 'Have an evidence capsule of a signed notice built, with all its cases',
  tag,
  caller: 'any',
  params: oneId(NoticeId),
  status: 202,
  answer: CapsuleView,
  problems: ['row/stage'],
  idempotent: true,
  async handle({ house, caller, params: { id } }) {
    return accepted(await requestCapsule(house, caller, { noticeId: id }))
  },
})

const getOne = route({
  id: 'getCapsule',
  method: 'get',
  path: '/v1/capsules/:id',
  summary: 'Where an evidence capsule stands',
  tag,
  caller: 'any',
  params: oneId(CapsuleId),
  answer: CapsuleView,
  async handle({ house, caller, params }) {
    return found(await house.db.tenant(caller.tenantId, (tx) => findCapsule(tx, params.id)), 'capsule')
  },
})

const download = route({
  id: 'downloadCapsule',
  method: 'get',
  path: '/v1/capsules/:id/download',
  summary: 'An evidence capsule as a zip archive; each download is noted in the audit log',
  tag,
  caller: 'any',
  params: oneId(CapsuleId),
  answer: fileOf('application/zip'),
  problems: ['auth/forbidden', 'row/stage', 'file/gone', 'evidence/tampered'],
  async handle({ house, caller, params }) {
    const { path, fileName } = await downloadCapsule(house, caller, params.id)
    return { body: { path }, mediaType: 'application/zip', fileName }
  },
})

const certificate = route({
  id: 'downloadBsaCertificate',
  method: 'get',
  path: '/v1/capsules/:id/certificate',
  summary:
    'The certificate of section 63 of the Bharatiya Sakshya Adhiniyam for a capsule, to be completed and signed',
  tag,
  caller: 'any',
  params: oneId(CapsuleId),
  answer: fileOf('application/pdf'),
  problems: ['auth/forbidden', 'row/stage', 'file/gone', 'evidence/tampered'],
  async handle({ house, caller, params }) {
    const { body, fileName } = await certificateOf(house, caller, params.id)
    return { body, mediaType: 'application/pdf', fileName }
  },
})

export const evidenceRoutes = [ofCase, ofNotice, getOne, download, certificate]
