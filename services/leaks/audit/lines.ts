import type { AskedRecording } from '../asked-store.ts'
import type { AuditLine, LeakAnswer } from '../exposure.ts'
import type { Leak } from '../leak.ts'
import { isPublished } from './forecast.ts'
import { adviceOf, scoreOf } from './ranking.ts'

/** What of a recording its lines have; of a code that is not registered hardly anything is known. */
export type LineSubject = Pick<
  AskedRecording,
  'isrc' | 'artists' | 'releaseId' | 'releaseTitle' | 'label' | 'embargoUntil'
> & { readonly id: AskedRecording['id'] | null; readonly title: string | null }

/** A code that no recording of the account has. */
export const codeSubject = (isrc: string): LineSubject => ({
  id: null,
  title: null,
  isrc,
  artists: [],
  releaseId: null,
  releaseTitle: null,
  label: null,
  embargoUntil: null,
})

/** The title of a recording as it is told apart from its other versions. */
export const titleOf = ({ title, version }: Pick<AskedRecording, 'title' | 'version'>): string =>
  version === null ? title : `${title} (${version})`

/** One line of an audit's result. @param now by which what is unreleased, and what is published, is told. */
export function lineOf(
  subject: LineSubject,
  leak: Pick<Leak, 'id' | 'name' | 'kind' | 'batches'>,
  answer: LeakAnswer,
  now: Date,
): AuditLine {
  const batch = leak.batches.find(({ number }) => number === answer.batch)
  const publishedOn = batch && isPublished(batch, now.toISOString().slice(0, 10)) ? batch.publishedOn : null
  const ranked = { ...answer, publishedOn }
  return {
    ...answer,
    leakId: leak.id,
    leakName: leak.name,
    recordingId: subject.id,
    isrc: subject.isrc,
    title: subject.title,
    artists: subject.artists,
    releaseId: subject.releaseId,
    releaseTitle: subject.releaseTitle,
    label: subject.label,
    isUnreleased: subject.embargoUntil !== null && subject.embargoUntil > now,
    batchName: batch?.name ?? null,
    publishedOn,
    score: scoreOf(ranked),
    advice: adviceOf(ranked, { kind: leak.kind, isInBatch: batch !== undefined }),
  }
}
