import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { type BuildResult, type Plugin, build } from 'esbuild'

const folder = join(import.meta.dirname, 'verify-page')

const body = `<main>
<h1>Check an evidence capsule</h1>
<p>Nothing leaves this computer: the page has no access to the network.</p>
<div id="drop">
<label for="capsule">The capsule, a .zip file; it can be dropped here, too</label>
<input type="file" id="capsule" accept=".zip,application/zip">
<label for="known">SHA-256 of its manifest, if you know it from elsewhere</label>
<input type="text" id="known" autocomplete="off" spellcheck="false">
</div>
<p id="verdict" role="status" aria-live="polite"></p>
<progress id="progress" max="1" value="0" aria-label="How far the check is" hidden></progress>
<table id="checks" hidden>
<thead><tr><th scope="col">Result</th><th scope="col">What</th><th scope="col">Detail</th></tr></thead>
<tbody id="rows"></tbody>
</table>
<h2>What is checked</h2>
<p>That every byte of the archive is accounted for; that each file has the length and the SHA-256 that the manifest
lists; that the entries of the audit log follow from each other up to the head that the manifest names; that signed and
issued documents have the hashes that were logged.</p>
<p><strong>Not checked here:</strong> the signature of the time stamp (manifest.tsr). <code>earwitness verify</code>
checks it, and README.txt in the archive tells how to do so with <code>openssl</code>. Open this page from a source that
you trust: one that came with an archive cannot vouch for it.</p>
</main>`

/** Messages of zod in forty languages, which would be half of the page. */
const withoutLocales: Plugin = {
  name: 'without-locales',
  setup(made) {
    made.onResolve({ filter: /\/locales\/index\.js$/ }, () => ({ path: 'locales', namespace: 'none' }))
    made.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export {}' }))
  },
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

async function make(): Promise<Buffer> {
  const [{ outputFiles }, css]: [BuildResult<{ write: false }>, string] = await Promise.all([
    build({
      entryPoints: [join(folder, 'main.ts')],
      bundle: true,
      plugins: [withoutLocales],
      write: false,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      minify: true,
      charset: 'ascii',
      legalComments: 'none',
      logLevel: 'silent',
    }),
    readFile(join(folder, 'page.css'), 'utf8'),
  ])
  const [file] = outputFiles
  if (!file) throw new Error('the page came out empty')
  // Inside a script element this would end it, and a comment would begin.
  const script = file.text.replaceAll('</script', String.raw`<\/script`).replaceAll('<!--', String.raw`<\!--`)
  const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(css)}; base-uri 'none'; form-action 'none'`
  return Buffer.from(
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n' +
      `<meta http-equiv="Content-Security-Policy" content="${policy}">\n` +
      '<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
      `<title>Check an evidence capsule</title>\n<style>${css}</style>\n</head>\n<body>\n${body}\n` +
      `<script>${script}</script>\n</body>\n</html>\n`,
  )
}

let made: Promise<Buffer> | undefined

/**
 * The page that verifies capsules in a browser, as one HTML file that asks the network for nothing. Bundled when it is
 * first asked for, once for each process.
 */
export function verifyPage(): Promise<Buffer> {
  if (made) return made
  const making = make()
  made = making
  making.catch(() => (made = undefined)) // The next one tries again.
  return making
}
