/*
 * The hot loops of the extraction, for WebAssembly with 128-bit vectors. AssemblyScript: looks like TypeScript,
 * but numbers are machine numbers. Nothing is allocated; everything lies where layout.ts says.
 *
 * ../typescript-kernel.ts does the same in TypeScript, step by step and bit by bit; change both. No step may be
 * fused or relaxed: the result must be the same on every machine.
 */
export { analyse } from './spectrum'
export { findPeaks } from './peaks'
export { rank } from './ranking'
export { measure } from './samples'
