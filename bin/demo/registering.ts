import { setTimeout as sleep } from 'node:timers/promises'

import type { Client } from '../client/api-client.ts'
import { problemText } from '../client/findings.ts'
import { openLocalPool } from '../client/local-pool.ts'
import type { RegisteredView } from '../client/views.ts'
import { createProgress } from '../progress.ts'
import type { Terminal } from '../terminal.ts'
import type { DemoTrack } from './music-source.ts'

const LOOK_MS = 400

/** A recording of the demo's catalogue as it was registered. */
export interface Registered {
  readonly id: string
  readonly title: string
  /** `local`: the fingerprint was made here and only it was sent. `upload`: the audio was. */
  readonly by: 'local' | 'upload'
  readonly created: boolean
}

/** Waits until the service has made the fingerprint of uploaded audio. */
async function fingerprinted(
  terminal: Terminal,
  client: Client,
  id: string,
  onProgress: (share: number) => void,
): Promise<void> {
  for (;;) {
    const { stage, progress, problem, title } = await client.recording(id)
    if (stage === 'done') return
    if (stage === 'failed')
      throw new Error(
        `“${title}” was not fingerprinted: ${problem ? problemText(problem) : 'no reason given'}`,
      )
    onProgress(progress)
    await sleep(LOOK_MS, undefined, { signal: terminal.signal })
  }
}

/**
 * Registers the catalogue in both ways there are: the odd recordings by fingerprints made here, the even ones by
 * uploading their audio. What a run before has registered is recognised.
 *
 * @returns the recordings, in the order given.
 */
export async function registerTracks(
  terminal: Terminal,
  client: Client,
  tracks: readonly DemoTrack[],
): Promise<readonly Registered[]> {
  const pool = await openLocalPool(terminal)
  const progress = createProgress(terminal, 'Registering', { unit: 'recordings' })
  const registered: Registered[] = []
  try {
    for (const [index, { recording, path, title }] of tracks.entries()) {
      const by = index % 2 === 0 ? 'local' : 'upload'
      const show = (share: number): void => progress.show(index + share, tracks.length, title)
      let answer: RegisteredView
      if (by === 'local') {
        const { signal } = terminal
        const { reference, sketch } = await pool.fingerprint(path, { signal, onProgress: show })
        answer = await client.register(
          recording,
          Buffer.from(reference).toString('base64'),
          sketch && Buffer.from(sketch).toString('base64'),
        )
      } else {
        answer = await client.register(recording)
        // A run that was broken off may have left it waiting or failed; then the audio is sent once more.
        if (answer.stage === 'registered' || answer.stage === 'failed')
          await client.uploadAudio(answer.id, path)
        await fingerprinted(terminal, client, answer.id, show)
      }
      registered.push({ id: answer.id, title, by, created: answer.created })
      show(1)
    }
    return registered
  } finally {
    progress.end()
    await pool.close()
  }
}
