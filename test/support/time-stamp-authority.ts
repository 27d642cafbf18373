import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const runFile = promisify(execFile)

/** Whether this machine can be an authority: `openssl ts` makes the tokens. */
export const hasOpenssl: boolean = await runFile('openssl', ['version']).then(
  () => true,
  () => false,
)

const settings = `
[req]
distinguished_name = nobody
[nobody]
[ca]
basicConstraints = critical, CA:true
[stamps]
extendedKeyUsage = critical, timeStamping
[other]
extendedKeyUsage = critical, serverAuth
[tsa]
default_tsa = sample
[sample]
serial = serial
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
`

/** How an authority answers. */
export type Manner = 'right' | 'refusing' | 'away' | 'earlier answer' | 'nonsense'

/** A time stamp authority of a test, with certificates of its own, at an address of this machine. */
export interface Authority {
  readonly url: string
  /** `127.0.0.1:port`, to be allowed by the fetcher. */
  readonly host: string
  /** The certificate to trust, for `openssl ts -verify -CAfile`. */
  readonly caFile: string
  readonly folder: string
  /** What it was asked, each time. */
  readonly questions: Buffer[]
  manner: Manner
  /** Runs `openssl` in the folder: a line of arguments, and further ones that may have blanks in them. */
  openssl(line: string, ...more: readonly string[]): Promise<string>
  /** What a token says, signed anew by somebody else. */
  signedBy(signer: Pick<Authority, 'folder'>, token: Uint8Array): Promise<Uint8Array>
  close(): Promise<void>
}

/** Starts one; its certificate is for time stamps, unless another usage is given. */
export async function openAuthority(usage: 'stamps' | 'other' = 'stamps'): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-tsa-'))
  const openssl = async (line: string, ...more: readonly string[]): Promise<string> =>
    (await runFile('openssl', [...line.split(' '), ...more], { cwd: folder })).stdout
  await writeFile(join(folder, 'settings'), settings)
  await writeFile(join(folder, 'serial'), '01\n')
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config settings'
  await openssl(`req -x509 ${key} -keyout ca.key -out ca.pem -days 2 -extensions ca -subj`, '/CN=Sample Root')
  await openssl(`req ${key} -keyout tsa.key -out tsa.csr -subj`, '/CN=Sample Time Stamps')
  await openssl(
    'x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 ' +
      `-extfile settings -extensions ${usage} -out tsa.pem`,
  )
  const questions: Buffer[] = []
  const answer = async (question: Buffer): Promise<Buffer> => {
    await writeFile(join(folder, 'question.tsq'), question)
    await openssl('ts -reply -config settings -queryfile question.tsq -out answer.tsr')
    return readFile(join(folder, 'answer.tsr'))
  }
  let earlier: Buffer | undefined
  const authority: Authority = {
    url: '',
    host: '',
    caFile: join(folder, 'ca.pem'),
    folder,
    questions,
    manner: 'right',
    openssl,
    async signedBy(signer, token) {
      await writeFile(join(folder, 'old.tsr'), token)
      await openssl('ts -reply -in old.tsr -token_out -out old.p7')
      await openssl('cms -verify -noverify -inform DER -in old.p7 -out info.der')
      await openssl(
        'cms -sign -binary -nodetach -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 -in info.der',
        '-signer',
        join(signer.folder, 'tsa.pem'),
        '-inkey',
        join(signer.folder, 'tsa.key'),
        '-outform',
        'DER',
        '-out',
        'new.p7',
      )
      // PKIStatusInfo { granted } and the token, in a sequence with a length of two bytes.
      const content = Buffer.concat([
        Buffer.from('3003020100', 'hex'),
        await readFile(join(folder, 'new.p7')),
      ])
      return Buffer.concat([Buffer.from([0x30, 0x82, content.length >> 8, content.length & 0xff]), content])
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const question = Buffer.concat(chunks)
      questions.push(question)
      const { manner } = authority
      const made =
        manner === 'earlier answer' && earlier
          ? Promise.resolve(earlier)
          : manner === 'nonsense'
            ? Promise.resolve(Buffer.from('nonsense'))
            : answer(manner === 'refusing' ? Buffer.from('not a question') : question)
      void made.then(
        (token) => {
          earlier = token
          response.writeHead(manner === 'away' ? 503 : 200, { 'content-type': 'application/timestamp-reply' })
          response.end(token)
        },
        () => response.writeHead(500).end(),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(authority, { url: `http://${host}/stamp`, host })
}
