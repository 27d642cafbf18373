import type { Member } from '../../services/tenants/tenant.ts'
import { createWeb } from '../../web/router.ts'
import { type Answer, serveApi } from './api.ts'
import type { World } from './world.ts'

/** The dashboard as a member sees it in a browser without scripts. */
export interface Browser {
  readonly get: (path: string) => Promise<Answer>
  /** Sends a form; where it leads stands in the `location` header. */
  readonly send: (path: string, fields?: Readonly<Record<string, string>>) => Promise<Answer>
}

/** Serves the dashboard of a world until its test ends; each member who asks gets a browser. */
export async function openDashboard(world: World): Promise<(member: Member) => Promise<Browser>> {
  const api = await serveApi(world, { web: createWeb(world.house) })
  return async (member) => {
    const ask = await api.signedIn(member)
    return {
      get: (path) => ask('get', path),
      send: (path, fields = {}) =>
        ask('post', path, new URLSearchParams(fields).toString(), {
          'content-type': 'application/x-www-form-urlencoded',
        }),
    }
  }
}
