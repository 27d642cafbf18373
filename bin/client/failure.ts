import { Problem, problemOf } from '../../services/core/problem.ts'
import { type Terminal, UsageError, exitCode, paint } from '../terminal.ts'
import { ServerProblem, ServerUnreachable } from './transport.ts'

/** A foreseen failure in one line of plain words; undefined for a mistake of ours. */
export function failureText(error: unknown): string | undefined {
  if (error instanceof ServerProblem) {
    const faults = error.faults.map(({ pointer, detail }) => `${pointer || 'request'}: ${detail}`)
    return [`${error.title}: ${error.message}`, ...faults].join('; ')
  }
  // Nothing was sent when we find a fault ourselves; a title that speaks of the request would puzzle.
  if (error instanceof Problem && error.type === 'request/invalid') return error.message
  if (error instanceof Problem) return `${problemOf(error.type).title}: ${error.message}`
  if (error instanceof ServerUnreachable || error instanceof UsageError) return error.message
  // Missing files, full disks, folders without permission: the operating system names path and reason.
  if (error instanceof Error && 'syscall' in error) return error.message
  return undefined
}

/**
 * Runs a command's work and turns a foreseen failure into a line and an exit code.
 * What was not foreseen is thrown on: its stack is worth more than a line.
 *
 * @param later what to tell somebody whose work was broken off.
 */
export async function reporting(
  terminal: Terminal,
  work: () => Promise<number>,
  later?: string,
): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (terminal.signal.aborted) {
      terminal.err.write(`${['Interrupted', later].filter(Boolean).join('. ')}\n`)
      return exitCode.interrupted
    }
    const text = failureText(error)
    if (text === undefined) throw error
    terminal.err.write(`${paint(terminal, 'red', text)}\n`)
    if (endsTheRun(error) && later !== undefined) terminal.err.write(`${later}\n`)
    return error instanceof UsageError ? exitCode.usage : exitCode.someFailed
  }
}

/** Whether an error ends a whole run rather than one file: the service is away or does not know us. */
export const endsTheRun = (error: unknown): boolean =>
  error instanceof ServerUnreachable ||
  (error instanceof ServerProblem && (error.status === 401 || error.status === 403))
