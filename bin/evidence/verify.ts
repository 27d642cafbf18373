import { verifyFile } from '../../services/evidence/verify-file.ts'
import { type Check, type Verification, allHold } from '../../services/evidence/verify.ts'
import { failureText } from '../client/failure.ts'
import { createProgress } from '../progress.ts'
import { type Terminal, exitCode, misused, paint, printable, readArguments } from '../terminal.ts'

const usage = `
Usage: earwitness verify CAPSULE [options]

Says what holds of an evidence capsule and what does not: the archive down to its last byte, every file, the audit
log's chain, signed documents, the time stamp. Works off-line, without a server and a database.

  --manifest SHA256  of manifest.json, when you know it from elsewhere: then a capsule that was made anew as a
                     whole is found out, too
  --json             print { file, holds, manifestSha256, checks: [{ name, holds, detail }] }; holds is null
                     where there was nothing to check

The exit status is 0 when everything holds, 1 when something does not, 2 when the file is no capsule.`

/** Smaller capsules are read before a bar could be seen. */
const BAR_BYTES_MIN = 50 << 20

const SHA256 = /^[0-9a-f]{64}$/

function lineOf(terminal: Terminal, { name, holds, detail }: Check): string {
  const [colour, word] =
    holds === null
      ? (['grey', 'not checked  '] as const)
      : holds
        ? (['green', 'holds        '] as const)
        : (['red', 'DOES NOT HOLD'] as const)
  return `${paint(terminal, colour, word)}  ${printable(name)}: ${printable(detail)}\n`
}

function tell(terminal: Terminal, { checks, manifest }: Verification, holds: boolean): void {
  for (const check of checks) terminal.out.write(lineOf(terminal, check))
  if (!holds) {
    const count = checks.filter((check) => check.holds === false).length
    terminal.err.write(
      `${paint(terminal, 'red', 'This capsule does not hold')}: ${count} of ${checks.length} checks\n`,
    )
    return
  }
  const { subject, tenantName, createdAt } = manifest ?? {}
  const about = subject
    ? `: evidence about ${subject.kind} ${subject.number} of ${tenantName}, ${createdAt}`
    : ''
  terminal.err.write(`${paint(terminal, 'green', 'Everything holds')}${printable(about)}\n`)
}

/** Reads and verifies with a bar for large files. */
async function verifyWithBar(
  terminal: Terminal,
  file: string,
  knownSha256: string | undefined,
): Promise<Verification> {
  const progress = createProgress(terminal, 'Verifying')
  try {
    return await verifyFile(file, {
      knownSha256,
      onProgress(done, total) {
        if (total < BAR_BYTES_MIN) return
        terminal.signal.throwIfAborted()
        progress.show(done, total)
      },
    })
  } finally {
    progress.end()
  }
}

/** `earwitness verify`. @returns the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(terminal, usage, argv, {
    manifest: { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const [file, another] = given.positionals
  if (file === undefined || another !== undefined)
    return misused(terminal, usage, 'Which capsule? Give one file')
  const known = given.values.manifest?.toLowerCase()
  if (known !== undefined && !SHA256.test(known))
    return misused(terminal, usage, '--manifest is a SHA-256: 64 hexadecimal digits')
  try {
    const result = await verifyWithBar(terminal, file, known)
    const holds = allHold(result)
    const { checks, manifestSha256 = null } = result
    if (given.values.json)
      terminal.out.write(`${JSON.stringify({ file, holds, manifestSha256, checks }, undefined, 2)}\n`)
    else tell(terminal, result, holds)
    return holds ? exitCode.done : exitCode.someFailed
  } catch (error) {
    if (terminal.signal.aborted) return exitCode.interrupted
    const text = failureText(error)
    if (text === undefined) throw error
    terminal.err.write(`${paint(terminal, 'red', printable(`${file}: ${text}`))}\n`)
    return exitCode.usage
  }
}
