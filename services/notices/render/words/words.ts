import type { NoticeDocument, Regime, StatementCode } from '../../notice.ts'

type Role = NoticeDocument['recipient']['role']
type Basis = NoticeDocument['works'][number]['authority']['basis']
type Change = NoticeDocument['matches'][number]['passages'][number]['change']

/**
 * Everything a rendered notice says in the recipient's language that does not come from its document. The statements
 * are not here: they are in the document, as they were shown to the person who made them.
 */
export interface Words {
  readonly titles: Readonly<Record<'notice' | 'reminder' | 'retraction', string>>
  /** How many addresses at which host, as in a subject. */
  readonly urlsOn: (urls: number, host: string) => string
  /** Whom the notice addresses. */
  readonly to: (role: string, name: string) => string
  readonly roles: Readonly<Record<Role, string>>
  readonly law: string
  readonly regimes: Readonly<Record<Regime, string>>
  readonly sections: Readonly<
    Record<
      'sender' | 'holder' | 'works' | 'locations' | 'reasons' | 'statements' | 'request' | 'evidence',
      string
    >
  >
  readonly labels: Readonly<
    Record<
      | 'number'
      | 'version'
      | 'issued'
      | 'supersedes'
      | 'host'
      | 'name'
      | 'contact'
      | 'address'
      | 'phone'
      | 'email'
      | 'replyTo'
      | 'holder'
      | 'actsAs'
      | 'mandate'
      | 'territories'
      | 'valid'
      | 'work'
      | 'release'
      | 'label'
      | 'registration'
      | 'lawfulCopy'
      | 'length'
      | 'location'
      | 'page'
      | 'observed'
      | 'ipAddress'
      | 'fileName'
      | 'mediaType'
      | 'size'
      | 'uploader'
      | 'caseNumber'
      | 'file'
      | 'passage'
      | 'inCopy'
      | 'inRecording'
      | 'change'
      | 'storage'
      | 'notes'
      | 'kind'
      | 'captured'
      | 'held'
      | 'documentHash'
      | 'signature'
      | 'signed',
      string
    >
  >
  readonly basis: Readonly<Record<Basis, string>>
  readonly statements: Readonly<Record<StatementCode, string>>
  readonly changes: Readonly<Record<Change, string>>
  /** `L1 contains W1` with the confidence and the shares, as per cent. */
  readonly found: (given: {
    readonly location: string
    readonly work: string
    readonly confidence: string
    readonly ofRecording: string
    readonly ofCopy: string
  }) => string
  readonly passage: (inCopy: string, inRecording: string) => string
  readonly morePassages: (count: number) => string
  readonly explanation: string
  readonly noLicence: string
  /** Who considered the exceptions, when, and for which locations. */
  readonly exceptions: (reviewer: string, at: string, locations: string) => string
  readonly request: string
  /** What Indian rule 75 adds to the request. */
  readonly requestIndia: string
  readonly replyWith: (number: string) => string
  readonly open: string
  readonly yes: string
  readonly no: string
  readonly bytes: (count: string) => string
  readonly urlsAttached: (fileName: string) => string
  readonly place: (index: number, count: number) => string
  readonly page: (page: number, pages: number) => string
  readonly reminder: (given: {
    readonly reminder: number
    readonly number: string
    readonly sentAt: string | undefined
  }) => string
  readonly reminderRequest: string
  readonly retraction: (number: string, sentAt: string | undefined) => string
  readonly retractionRequest: string
  readonly reason: string
  readonly yourNumbers: string
  readonly concerned: string
  readonly original: string
}
