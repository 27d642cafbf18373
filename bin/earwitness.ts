import { existsSync } from 'node:fs'

import { Problem } from '../services/core/problem.ts'
import { serviceVersion } from '../services/core/version.ts'
import { type Terminal, UsageError, exitCode, processTerminal } from './terminal.ts'

interface Command {
  readonly summary: string
  readonly load: () => Promise<{ run(argv: string[], terminal: Terminal): Promise<number> }>
}

/** Every sub-command has a file; it is read when it is asked for. */
const commands: Readonly<Record<string, Command>> = {
  start: { summary: 'run the whole service on this machine', load: () => import('./service/start.ts') },
  demo: { summary: 'show the main job from registering to the report', load: () => import('./demo/demo.ts') },
  register: {
    summary: 'register recordings from a folder of audio',
    load: () => import('./client/register.ts'),
  },
  import: { summary: 'take in a catalogue from files', load: () => import('./client/import.ts') },
  submit: { summary: 'have a link or a file examined', load: () => import('./client/submit.ts') },
  retry: { summary: 'set failed submissions back to work', load: () => import('./client/retry.ts') },
  leak: { summary: 'say what leaks have of recordings', load: () => import('./client/leak.ts') },
  fingerprint: { summary: 'make fingerprints of audio files', load: () => import('./client/fingerprint.ts') },
  index: { summary: 'make an index of recordings in a folder', load: () => import('./engine/index.ts') },
  identify: {
    summary: 'compare files with an index in a folder',
    load: () => import('./engine/identify.ts'),
  },
  verify: {
    summary: 'say whether an evidence capsule holds',
    load: () => import('./evidence/verify.ts'),
  },
  doctor: {
    summary: 'say what was found on this machine and what is missing',
    load: () => import('./service/doctor.ts'),
  },
  api: { summary: 'run the API and the dashboard only', load: () => import('./service/api.ts') },
  worker: { summary: 'run the workers only', load: () => import('./service/worker.ts') },
  cron: { summary: 'run the clock only', load: () => import('./service/cron.ts') },
  migrate: {
    summary: 'bring the database to the present version',
    load: () => import('./service/migrate.ts'),
  },
  'reset-second-factor': {
    summary: 'take the second factors of a member who lost the device',
    load: () => import('./service/reset-second-factor.ts'),
  },
}

const usage = (): string => {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const rows = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: earwitness COMMAND [OPTION…]\n\n${rows.join('\n')}\n\n\`earwitness COMMAND --help\` tells more.\n`
}

/** What went wrong, for a person; the stack only for what we did not foresee. */
function explain(error: unknown): string {
  if (error instanceof Problem) return `${error.toJSON().title}: ${error.message}`
  if (error instanceof UsageError) return error.message
  if (!(error instanceof Error)) return String(error)
  return error.message
}

/**
 * Runs one sub-command.
 *
 * @returns the exit status: 0 done, 1 failed, 2 called wrongly, 130 interrupted.
 */
export async function main(argv: string[], terminal: Terminal = processTerminal()): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal[name === undefined ? 'err' : 'out'].write(usage())
    return name === undefined ? exitCode.usage : exitCode.done
  }
  if (name === '--version') {
    terminal.out.write(`${serviceVersion}\n`)
    return exitCode.done
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    terminal.err.write(`earwitness: there is no command ${name}\n\n${usage()}`)
    return exitCode.usage
  }
  try {
    if (existsSync('.env')) process.loadEnvFile('.env')
    const loaded = await command.load()
    return await loaded.run(rest, terminal)
  } catch (error) {
    if (terminal.signal.aborted) return exitCode.interrupted
    terminal.err.write(`earwitness ${name}: ${explain(error)}\n`)
    if (!(error instanceof UsageError)) return exitCode.someFailed
    terminal.err.write(`\`earwitness ${name} --help\` tells more.\n`)
    return exitCode.usage
  }
}
