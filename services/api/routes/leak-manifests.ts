import { z } from 'zod'

import { knownLeak } from '../../actions/leaks.ts'
import { addManifest, manifestWords } from '../../actions/manifests.ts'
import { LeakId, LeakManifestId } from '../../core/ids.ts'
import { findManifest, listManifests } from '../../leaks/manifest-store.ts'
import { found, oneId } from '../found.ts'
import { ManifestView, shownManifest } from '../leak-views.ts'
import { Reply, file, route } from '../route.ts'
import { view } from '../schema.ts'

const tag = 'Leaks'

const listAll = route({
  id: 'listLeakManifests',
  method: 'get',
  path: '/v1/leaks/:id/manifests',
  summary: 'The manifests of a leak in the order in which they were added, and how far each was read',
  tag,
  caller: 'any',
  params: oneId(LeakId),
  answer: view('LeakManifestList', z.object({ items: z.array(ManifestView) })),
  async handle({ house, caller, params: { id } }) {
    const rows = await house.db.tenant(caller.tenantId, async (tx) => {
      await knownLeak(tx, id)
      return listManifests(tx, id)
    })
    return { items: rows.map((manifest) => shownManifest(caller, manifest)) }
  },
})

const add = route({
  id: 'addLeakManifest',
  method: 'post',
  path: '/v1/leaks/:id/manifests',
  summary:
    'Add a manifest to a leak of one’s own: JSON lines, a table, Parquet, SQLite or a list of files, also packed; its bytes tell which',
  tag,
  caller: 'any',
  params: oneId(LeakId),
  body: file(z.strictObject(manifestWords), { takesJson: true, limit: 'MANIFEST_BYTES_MAX' }),
  status: 202,
  answer: ManifestView,
  problems: ['auth/forbidden', 'file/empty', 'request/conflict'],
  idempotent: true,
  async handle({ house, caller, params, body: { fields, fileName, source } }) {
    const added = await addManifest(house, caller, params.id, async (take) => {
      await take({ fileName, source })
      return fields
    })
    return new Reply(shownManifest(caller, added), { headers: { Location: `/v1/manifests/${added.id}` } })
  },
})

const getOne = route({
  id: 'getLeakManifest',
  method: 'get',
  path: '/v1/manifests/:id',
  summary: 'How far a manifest was read, at which rate, and which rows could not be',
  tag,
  caller: 'any',
  params: oneId(LeakManifestId),
  answer: ManifestView,
  async handle({ house, caller, params }) {
    const manifest = await house.db.tenant(caller.tenantId, (tx) => findManifest(tx, params.id))
    return shownManifest(caller, found(manifest, 'manifest'))
  },
})

export const leakManifestRoutes = [listAll, add, getOne]
