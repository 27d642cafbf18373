/** How whoever holds the manifests can check an audit. */
export const verifyNotes: readonly string[] = [
  'A row is told by its manifest, the file of several, and its number from 1, without headings; in SQLite the number is the rowid. Open the file, go to the row, and compare identifiers and names.',
  'What is told of a file’s hash are the first 16 hexadecimal digits of its SHA-256. Hash a file that you hold: when its hash begins so, it is the file that the row lists.',
  'The result is kept as it was when the audit ended. Its SHA-256 stands here and with the audit in the service: the same hash means that no answer was changed since.',
]

/** What an audit must not be taken for. */
export const auditNotes: readonly string[] = [
  'It tells what manifests list, not what anybody has published, holds or plays. A manifest may be wrong, incomplete or made up.',
  'That a recording is not found does not mean that it is not in a leak: other manifests may list it, or this one under another code or name.',
  '“Planned” means that a row stands on the list and its audio was not taken when the list was made; it may have been since.',
  'What is likely to come next is concluded from the order in which parts were published so far; nobody announced it to us.',
  'Answers by names have a probability. Read the row before you act on one.',
  'It says nothing about who made a leak or took part in it, and is no legal advice. Manifests are held and used as counsel of their holder has approved.',
]
