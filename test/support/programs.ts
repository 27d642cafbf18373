import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

async function onPath(...names: string[]): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name)
      const found = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
      if (found) return path
    }
  }
  return undefined
}

/** Optional programs, each with what is skipped without it. */
const optional = {
  redis: { names: ['redis-server', 'valkey-server'], needs: 'the pipeline on Redis' },
  chromium: { names: ['chromium', 'chromium-browser', 'google-chrome'], needs: 'the dashboard in a browser' },
  pdftotext: { names: ['pdftotext'], needs: 'reading the PDF reports back' },
} as const

export type Programs = { [Name in keyof typeof optional]: string | undefined } & {
  readonly missing: readonly { name: string; needs: string }[]
}

/** Where the optional programs are, and which are missing. */
export async function findPrograms(): Promise<Programs> {
  const redis = await onPath(...optional.redis.names)
  const chromium = await onPath(...optional.chromium.names)
  const pdftotext = await onPath(...optional.pdftotext.names)
  const found = { redis, chromium, pdftotext }
  const missing = Object.entries(optional)
    .filter(([name]) => found[name as keyof typeof optional] === undefined)
    .map(([, { names, needs }]) => ({ name: names[0], needs }))
  return { ...found, missing }
}
