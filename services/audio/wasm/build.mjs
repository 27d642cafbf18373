/*
 * Compiles the kernels, the loops that take nearly all the time, to WebAssembly and writes each as a TypeScript module,
 * wasm-bytes.ts, so that programs, worker threads and browsers can use it without reading a file. Run after each
 * change in an assembly/ or layout.ts, from anywhere:
 *
 *     node services/audio/wasm/build.mjs [OUT]
 *
 * With a folder OUT they are written there instead, as NAME.ts: so the tests compile them again and compare.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { main as compile } from 'assemblyscript/asc'

/** Where each kernel is, and the pages of 64 KiB that `MEMORY_BYTES` in its layout.ts needs; checked when it starts. */
const kernels = [
  { name: 'extract', folder: new URL('../extract/kernel/', import.meta.url), pages: 48 },
  { name: 'index', folder: new URL('../index/kernel/', import.meta.url), pages: 5 },
]

const options = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--noAssert', '--converge']

/**
 * @returns {Promise<Uint8Array>} the module's bytes.
 * @throws {Error} with what the compiler says.
 */
async function compileKernel({ name, folder, pages }) {
  const baseDir = fileURLToPath(folder)
  const memory = ['--initialMemory', String(pages), '--maximumMemory', String(pages)]
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
  if (error || !bytes) throw new Error(`The kernel ${name} does not compile\n${complaint}`)
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

const out = process.argv[2]
for (const kernel of kernels) {
  const bytes = await compileKernel(kernel)
  const path = out ? join(out, `${kernel.name}.ts`) : new URL('wasm-bytes.ts', kernel.folder)
  await writeFile(path, moduleOf(bytes))
  process.stdout.write(`${kernel.name}: ${bytes.length} bytes\n`)
}
