import { type Terminal, exitCode, misused } from '../terminal.ts'

interface SubCommand {
  readonly summary: string
  readonly load: () => Promise<{ run(argv: readonly string[], terminal: Terminal): Promise<number> }>
}

/** What `earwitness leak` can do; each has a file, which is read when it is asked for. */
const subCommands: Readonly<Record<string, SubCommand>> = {
  check: {
    summary: 'say which ISRCs are in a leak, without telling the service which were asked for',
    load: () => import('./leak-check.ts'),
  },
  audit: {
    summary: 'ask which recordings of the account are in leaks, and save the report',
    load: () => import('./leak-audit.ts'),
  },
  scan: {
    summary: 'hold a manifest against a catalogue on this machine, without a service',
    load: () => import('../engine/leak-scan.ts'),
  },
  add: {
    summary: 'as the operator: note a leak that every account can ask about',
    load: () => import('../service/leak/add.ts'),
  },
  import: {
    summary: 'as the operator: have a manifest of a leak read',
    load: () => import('../service/leak/import.ts'),
  },
  batches: {
    summary: 'as the operator: say when the parts of a leak were published',
    load: () => import('../service/leak/batches.ts'),
  },
  publish: {
    summary: 'as the operator: let visitors ask about a leak',
    load: () => import('../service/leak/publish.ts'),
  },
  list: {
    summary: 'as the operator: list the leaks and what is being read',
    load: () => import('../service/leak/list.ts'),
  },
  remove: {
    summary: 'as the operator: remove a leak',
    load: () => import('../service/leak/remove.ts'),
  },
}

const usage = (): string => {
  const width = Math.max(...Object.keys(subCommands).map((name) => name.length))
  const rows = Object.entries(subCommands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: earwitness leak COMMAND [OPTION…]\n\n${rows.join('\n')}\n\n\`earwitness leak COMMAND --help\` tells more.`
}

/** `earwitness leak`. @returns the exit code of the command behind it. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined) return misused(terminal, usage(), 'Which command?')
  if (name === '--help' || name === '-h' || name === 'help') {
    terminal.out.write(`${usage()}\n`)
    return exitCode.done
  }
  const command = Object.hasOwn(subCommands, name) ? subCommands[name] : undefined
  if (!command) return misused(terminal, usage(), `There is no command ${name}`)
  return (await command.load()).run(rest, terminal)
}
