import { type Config, readConfig } from '../../services/core/config.ts'
import { type Logger, openLog } from '../../services/core/log.ts'
import { type Terminal, readArguments } from '../terminal.ts'

/** Running jobs and requests get this long to end; then the process ends anyway and the rows tell the rest. */
const STOP_TIMEOUT_MS = 25_000

/** A part of the service that runs until it is told to stop. */
export interface Running {
  /** What the parent process is told when everything is up. */
  readonly ready: Readonly<Record<string, unknown>>
  close(): Promise<void>
}

/** A sub-command of the command line tool. */
export type ProgramRun = (argv: string[], terminal: Terminal) => Promise<number>

/** The sub-command that runs one part of the service. */
export const programRun =
  (name: string, usage: string, open: (config: Config, log: Logger) => Promise<Running>): ProgramRun =>
  async (argv, terminal) => {
    const given = readArguments(terminal, usage, argv, {})
    return typeof given === 'number' ? given : runUntilStopped(name, open)
  }

/**
 * Runs one part of the service until SIGTERM, Ctrl-C, or the death of the process that started it.
 * Under `earwitness start` the parent's channel tells when to stop, because Ctrl-C reaches the whole
 * group at once and the parts must end in order.
 *
 * @returns the exit status.
 */
async function runUntilStopped(
  name: string,
  open: (config: Config, log: Logger) => Promise<Running>,
): Promise<number> {
  const config = readConfig()
  const log = openLog(name, config.LOG_LEVEL)
  const stopped = new Promise<string>((resolve) => {
    const underParent = process.channel !== undefined && process.channel !== null
    process.once('SIGTERM', () => resolve('SIGTERM'))
    process.on('SIGINT', () => underParent || resolve('SIGINT'))
    process.once('disconnect', () => resolve('the starting process is gone'))
  })
  const running = await open(config, log)
  log.info(running.ready, 'ready')
  process.send?.({ ready: running.ready })
  const reason = await stopped
  log.info({ reason }, 'stopping')
  const late = setTimeout(() => {
    log.warn('work did not end in time; the sweeper will find it')
    process.exit(1)
  }, STOP_TIMEOUT_MS)
  await running.close()
  clearTimeout(late)
  log.info('stopped')
  return 0
}
