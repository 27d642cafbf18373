import type {
  NoticeDocument,
  NoticeLocation,
  NoticeMatch,
  NoticeWork,
} from '../../services/notices/notice.ts'
import { sampleId, sampleLocation, sampleMatch, sampleWork, signedSampleNotice } from './notice-samples.ts'

/** Names as catalogues have them, and as somebody would write them who wants to break a machine. */
export const difficultNames = [
  'Rock & Roll <live> "at" the ’56',
  '🌅 First Light 👩‍👩‍👧',
  'ضوء أول',
  'אור ראשון',
  'पहली किरण – स्वामित्व',
  '最初の光',
  "=cmd|'/C calc'!A0",
  '+SUM(1,2)',
  '@mention',
  '-1+1',
  ']]> <!-- </Infringement> &amp; %s',
  'a\u202Efdp.exe',
  '𝔉𝔦𝔯𝔰𝔱',
  'é (precomposed) é (combining)',
] as const

/** A signed notice about as many works as there are difficult names, one location for each and one for all. */
export function difficultNotice(changes: Partial<NoticeDocument> = {}): NoticeDocument {
  const works: NoticeWork[] = difficultNames.map((title, index) => ({
    ...sampleWork,
    authority: { ...sampleWork.authority, territories: ['Worldwide'] },
    workId: sampleId(5000 + index),
    title,
    artists: [title, 'The Samples'],
    rightsHolder: index % 2 === 0 ? 'Sample Records' : `Sample & Söhne <${index}>`,
  }))
  const locations: NoticeLocation[] = works.map(({ workId }, index) => ({
    ...sampleLocation(index + 1),
    url: `https://files.sample-hosting.example/d/${index}?a=[1]|{x}&b=ä 100%`,
    fileName: `${difficultNames[index]}.mp3`,
    uploader: difficultNames[index] ?? '',
    workIds: [workId],
  }))
  const all = { ...sampleLocation(works.length + 1), workIds: works.map(({ workId }) => workId) }
  const matches: NoticeMatch[] = [
    ...works.map(({ workId }, index) => ({ ...sampleMatch(index + 1), workId })),
    ...works.map(({ workId }, index) => ({
      ...sampleMatch(works.length + 1),
      matchId: sampleId(400_000 + index),
      workId,
    })),
  ]
  return signedSampleNotice({ works, locations: [...locations, all], matches, ...changes })
}

/** A signed notice with one location that differs from the sample as told. */
export function noticeAt(
  location: Partial<NoticeLocation>,
  role: NoticeDocument['recipient']['role'] = 'hosting',
): NoticeDocument {
  const notice = signedSampleNotice({ locationCount: 1 })
  return {
    ...notice,
    recipient: { ...notice.recipient, role },
    locations: notice.locations.map((known) => ({ ...known, ...location })),
  }
}
