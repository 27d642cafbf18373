/*
 * Compiles the kernel in assembly/ to WebAssembly and writes it as a TypeScript module, wasm-bytes.ts, so that
 * programs, worker threads and browsers can use it without reading a file. Run after each change in assembly/ or
 * layout.ts, from anywhere:
 *
 *     node services/audio/extract/kernel/build.mjs [OUT]
 *
 * With OUT it is written there instead: so the tests compile it again and compare.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { main as compile } from 'assemblyscript/asc'

/** As many pages of 64 KiB as `MEMORY_BYTES` in layout.ts needs; the program checks it when it starts. */
const PAGES = 48

const options = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--noAssert', '--converge']
const memory = ['--initialMemory', String(PAGES), '--maximumMemory', String(PAGES)]

/**
 * @returns {Promise<Uint8Array>} the module's bytes.
 * @throws {Error} with what the compiler says.
 */
async function compileKernel() {
  const baseDir = fileURLToPath(new URL('.', import.meta.url))
  let bytes
  let complaint = ''
  const { error } = await compile(
    ['assembly/index.ts', '--outFile', 'kernel.wasm', '--baseDir', baseDir, ...options, ...memory],
    {
      writeFile(_, contents) {
        bytes = contents
      },
      stderr: {
        write(text) {
          complaint += text
        },
      },
    },
  )
  if (error || !bytes) throw new Error(`The kernel does not compile\n${complaint}`)
  return bytes
}

const LINE_CHARACTERS = 100

/** The text of wasm-bytes.ts. */
function moduleOf(bytes) {
  const text = Buffer.from(bytes).toString('base64')
  const lines = text.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'g')) ?? []
  return `/* Made by build.mjs from assembly/; do not edit. */

/** The module in base64: ${bytes.length} bytes. */
export const WASM_BASE64 =
${lines.map((line) => `  '${line}'`).join(' +\n')}
`
}

const bytes = await compileKernel()
await writeFile(process.argv[2] ?? new URL('wasm-bytes.ts', import.meta.url), moduleOf(bytes))
process.stdout.write(`${bytes.length} bytes\n`)
