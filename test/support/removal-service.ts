import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'

import { expect } from 'vitest'

import { freePort } from '../../bin/service/ports.ts'
import { openMailer } from '../../services/core/mail.ts'
import { type Answer, type Api, serveApi } from './api.ts'
import { type Pipeline, startPipeline, until } from './pipeline.ts'
import { type SignerSession, signerSession } from './signing.ts'
import { type Received, type SmtpHost, startSmtpHost } from './smtp.ts'
import type { World } from './world.ts'

/** A place on the web where a copy lies, as long as its host lets it. */
export interface CopyHost {
  /** `127.0.0.1:port`. */
  readonly authority: string
  readonly url: string
  isThere: boolean
  close(): void
}

/** Serves one file at `/d/song.ogg`. */
export async function startCopyHost(path: string): Promise<CopyHost> {
  const file = await readFile(path)
  const server = createServer((request, response) => {
    if (!host.isThere || request.url !== '/d/song.ogg') return response.writeHead(404).end('gone')
    response.writeHead(200, { 'content-type': 'audio/ogg', 'content-length': file.length })
    return response.end(request.method === 'HEAD' ? undefined : file)
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const authority = `127.0.0.1:${port}`
  const host: CopyHost = {
    authority,
    url: `http://${authority}/d/song.ogg`,
    isThere: true,
    close: () => server.closeAllConnections() ?? server.close(),
  }
  return host
}

/** Asks in the name of somebody; the answer must have this status. */
export type Ask = (method: string, path: string, body: unknown, status: number) => Promise<Answer['json']>

/** The whole service at work: its API, its workers with their queue, both ways of mail; and who uses it. */
export interface Service {
  readonly world: World
  readonly pipeline: Pipeline
  readonly api: Api
  readonly owner: Ask
  readonly signer: SignerSession
  readonly asSigner: Ask
  readonly second: SignerSession
  readonly asSecond: Ask
  /** The mail server of all recipients. */
  readonly recipients: SmtpHost
  /** The mails to an address, when there are so many. */
  mailsTo(address: string, count: number): Promise<readonly Received[]>
  /** Sends a mail to the service, as any mail server would. */
  answer(to: string, raw: Buffer): Promise<void>
  close(): Promise<void>
}

const askBy =
  (api: Api, headers: Record<string, string>): Ask =>
  async (method, path, body, status) => {
    const answer = await api.anonymous(method, path, body, headers)
    expect(answer.status, `${method} ${path}: ${answer.text.slice(0, 600)}`).toBe(status)
    return answer.json
  }

/** @param env further settings of the workers. */
export async function startService(world: World, env: Record<string, string> = {}): Promise<Service> {
  const recipients = await startSmtpHost()
  const mailInPort = await freePort()
  const pipeline = await startPipeline(world, {
    env: { SMTP_URL: recipients.url, MAIL_IN_PORT: String(mailInPort), ...env },
  })
  const whole = { ...world, house: pipeline.house }
  const api = await serveApi(whole)
  const origin = pipeline.config.publicUrl
  const [signer, second] = [await signerSession(whole), await signerSession(whole, 'B Signer')]
  const mailer = openMailer(`smtp://127.0.0.1:${mailInPort}`)
  const { owner } = world
  if (owner.kind !== 'member') throw new Error('the owner is a person')
  const signedIn = await api.signedIn(owner.member)
  return {
    world,
    pipeline,
    api,
    async owner(method, path, body, status) {
      const answer = await signedIn(method, path, body)
      expect(answer.status, `${method} ${path}: ${answer.text.slice(0, 600)}`).toBe(status)
      return answer.json
    },
    signer,
    asSigner: askBy(api, { cookie: signer.cookie, origin }),
    second,
    asSecond: askBy(api, { cookie: second.cookie, origin }),
    recipients,
    mailsTo: (address, count) =>
      until(`${count} mails to ${address}`, async () => {
        const mails = recipients.received.filter(({ to }) => to.includes(address))
        return mails.length >= count && mails
      }),
    async answer(to, raw) {
      await mailer.sendRaw({ envelope: { from: 'abuse@hoster.example', to }, raw })
    },
    async close() {
      mailer.close()
      await pipeline.close()
      await recipients.close()
    },
  }
}

/** Waits until what a path shows is so. */
export const shows = (
  { owner }: Service,
  path: string,
  isSo: (shown: Answer['json']) => boolean,
): Promise<Answer['json']> =>
  until(path, async () => {
    const shown = await owner('get', path, undefined, 200)
    return isSo(shown) && shown
  })

/** Checks notices and signs them at once, as a signer does who reads the statements and shows a code. */
export async function signAll(
  { asSigner, signer }: Service,
  ids: readonly string[],
): Promise<Answer['json']> {
  const shown: Record<string, string> = {}
  for (const id of ids) {
    const checked = await asSigner('post', `/v1/notices/${id}/check`, undefined, 200)
    expect(checked.openPoints).toEqual([])
    expect(checked.state).toBe('ready')
    shown[id] = checked.shownSha256
  }
  const body = {
    noticeIds: ids,
    signatureText: `/s/ ${signer.caller.member.name}`,
    shown,
    acknowledgedGate: true,
  }
  return (await asSigner('post', '/v1/notices/sign', body, 200)).items
}
