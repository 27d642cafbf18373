#!/usr/bin/env node
// The one piece of plain JavaScript: it lets Node read TypeScript and hands over to earwitness.ts.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('./earwitness.ts')
process.exitCode = await main(process.argv.slice(2))
