/** The part that is used of what every browser and Node have, but the types of Node do not tell. */
declare const WebAssembly:
  | {
      validate(bytes: Uint8Array): boolean
      readonly Module: new (bytes: Uint8Array) => object
      readonly Instance: new (module: object) => { readonly exports: unknown }
    }
  | undefined

/** A kernel, ready to be called. */
export interface WasmInstance<Exports> {
  readonly exports: Exports
  /** Its memory, which never grows. */
  readonly buffer: ArrayBuffer
}

/**
 * Makes a kernel from what build.mjs wrote.
 *
 * @param memoryBytes that it needs.
 * @returns undefined where there is no WebAssembly, or none with vector instructions.
 */
export function instantiate<Exports>(base64: string, memoryBytes: number): WasmInstance<Exports> | undefined {
  if (typeof WebAssembly === 'undefined') return undefined
  const bytes = Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0)
  // Where vectors are unknown, the module is not valid.
  if (!WebAssembly.validate(bytes)) return undefined
  const exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports & {
    readonly memory: { readonly buffer: ArrayBuffer }
  }
  const { buffer } = exports.memory
  if (buffer.byteLength < memoryBytes) throw new Error(`The kernel needs ${memoryBytes} bytes`)
  return { exports, buffer }
}
