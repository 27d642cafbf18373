/*
 * Merging the postings of two segments, bucket by bucket, for WebAssembly. AssemblyScript: looks like TypeScript, but
 * numbers are machine numbers. Nothing is allocated; everything lies where layout.ts says.
 *
 * ../../merge-postings.ts does the same in TypeScript, and gives the same.
 */
export { merge } from './merge'
export { shift } from './shift'
