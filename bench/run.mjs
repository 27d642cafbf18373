#!/usr/bin/env node
// Lets Node read TypeScript and hands over to run.ts, as bin/earwitness.mjs does for the command line tool.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('./run.ts')
process.exitCode = await main(process.argv.slice(2))
