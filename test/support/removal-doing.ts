import type { House } from '../../services/actions/house.ts'
import type { Scene, Snapshot } from './removal-lane.ts'

/** One thing that happens: which of the rows it is about, and in which way. */
export interface Doing {
  readonly scene: Scene
  /** The scene's house, or one whose database breaks off. */
  readonly house: House
  readonly now: Snapshot
  readonly pick: number
  readonly way: number
}

/** One of some, or undefined when there is none. */
export const oneOf = <T>(all: readonly T[], pick: number): T | undefined => all[pick % all.length]

/** The notice that a step is about: mostly the latest. */
export const noticeOf = ({ now, pick }: Doing): Snapshot['notices'][number] | undefined =>
  now.notices.at(-1 - (pick % Math.max(now.notices.length, 1)))

/** The case that a step is about. */
export const caseOf = ({ now, pick }: Doing): Snapshot['cases'][number] => {
  const found = oneOf(now.cases, pick)
  if (!found) throw new Error('a scene without cases')
  return found
}

/** Does something; throws the Problem with which it is refused. */
export type Step = (doing: Doing) => Promise<unknown>

/** About a notice, or nothing while there is none; what was answered is remembered. */
export const aboutNotice =
  (work: (doing: Doing, id: Snapshot['notices'][number]['id']) => Promise<readonly string[]>): Step =>
  async (doing) => {
    const notice = noticeOf(doing)
    if (notice) doing.scene.answered.push(...(await work(doing, notice.id)))
  }
