/** What a page says after something was done; the address carries the name, so nothing needs to be kept. */
const messages = {
  'signed-out': 'You are signed out.',
  registered: 'The recording is registered.',
  'registered-several': 'The recordings are registered. Their fingerprints are being made.',
  recognised: 'This recording was registered already; what was unknown has been filled in.',
  uploaded: 'The audio has arrived and is being fingerprinted.',
  removed: 'The recording is removed.',
  submitted: 'Handed in.',
  'submitted-several': 'Handed in. The files will be examined one after the other.',
  retried: 'Set back to work.',
  confirmed: 'The case is confirmed. You can issue a report now.',
  dismissed: 'The case is dismissed.',
  reopened: 'The case is open for review again.',
  commented: 'Your comment is kept.',
  issued: 'The report is issued. Download it below.',
  'place-allowed': 'The place is on the allow-list.',
  'leave-ended': 'The entry is ended: finds there are shown for review again.',
  'case-allowed': 'The case is closed as allowed, and the place is on the allow-list.',
  saved: 'Saved.',
  'key-revoked': 'The key is revoked: programs that use it are refused from now on.',
  'member-changed': 'The member is changed.',
  'password-set': 'Your password is set.',
} as const

export type Flash = keyof typeof messages

/** The sentence for a name from the address, if it is one of ours. */
export const flashText = (name: unknown): string | undefined =>
  typeof name === 'string' && Object.hasOwn(messages, name) ? messages[name as Flash] : undefined

/** An address that says what was done: `/cases/1?done=confirmed`. */
export const withFlash = (path: string, flash: Flash): string =>
  `${path}${path.includes('?') ? '&' : '?'}done=${flash}`
