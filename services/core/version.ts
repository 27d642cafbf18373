import { readFileSync } from 'node:fs'

import { z } from 'zod'

const Package = z.object({ version: z.string() })

/** The version of this program, as package.json has it: stands on reports, in user agents and under `--version`. */
export const serviceVersion: string = Package.parse(
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
).version
