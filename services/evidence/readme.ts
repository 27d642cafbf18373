import { CAPSULE_DAYS } from './capsule.ts'

/**
 * How to read and to check a capsule, for somebody who has nothing but it.
 *
 * @param about its subject in words: `case EW-2026-000001`.
 */
export const readmeText = (about: string, tenantName: string): string => `EVIDENCE CAPSULE

This archive holds what is known about ${about} of ${tenantName},
as Earwitness recorded it, with what is needed to find out whether it was changed since.

WHAT IS IN IT

manifest.json       every file with its SHA-256, in canonical JSON (RFC 8785)
manifest.tsr        a time stamp over manifest.json (RFC 3161), if an authority was asked
match-report.json   what was compared with what, by which version, under which thresholds,
                    and what was found: passages, landmarks, reasons for the confidence
capture.warc.gz     what was seen at the address (WARC 1.1): answer, address, certificate, redirects
suspect/            the file that was found, while the account holds it; else the manifest
                    has its SHA-256 with "held": false
screenshots/        pictures of what was to be seen at the address; screenshots.json says for each
                    who took it and when
excerpts/           up to ten seconds of a passage, in the suspect and in the recording
pictures/           both spectrograms of each passage with the landmarks that agree
notice.json, notices/, reports/
                    what was signed or issued, byte for byte
messages/, replies/ mails to and from the recipient, while they are kept
decisions.json      what people decided about it, and their reasons
log.json            entries of the account's audit log; each has the hash of the one before
verify.html         checks the archive in a browser, off-line

HOW TO CHECK IT

By program:     earwitness verify CAPSULE.zip
In a browser:   open verify.html, preferably from another copy than the one in question,
                and choose the archive
By hand:        unzip the archive, then compare each file with the manifest:

    sha256sum match-report.json

With a time stamp, and the certificates of its authority in ca.pem:

    openssl ts -verify -in manifest.tsr -data manifest.json -CAfile ca.pem

An entry of log.json holds when entryHash is the SHA-256 of prevHash followed by the canonical JSON
of its number, at, actor, action, subject and details. Entries about other matters are listed by
their number and hashes only; whoever keeps the whole log can verify those, too.

WHAT IT PROVES

That no file was changed since the manifest was written. When that was says the time stamp, if there
is one. Without it somebody who makes the whole archive anew, manifest included, is found out by the
hash of the manifest that the account has kept: ask for it. The account keeps that hash for good,
and the archive itself for ${CAPSULE_DAYS} days.
`
