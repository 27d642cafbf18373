/* Moves between registers of four singles. AssemblyScript, not TypeScript: `v128` and `@inline` are its own. */

/** a0 b0 a1 b1 */
@inline
export function mixLow(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5)
}

/** a2 b2 a3 b3 */
@inline
export function mixHigh(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7)
}

/** a0 a1 b0 b1 */
@inline
export function joinLow(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 1, 4, 5)
}

/** a2 a3 b2 b3 */
@inline
export function joinHigh(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 3, 6, 7)
}

/** a3 a2 a1 a0 */
@inline
export function reversed(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 3, 2, 1, 0)
}

@inline
export function add(a: v128, b: v128): v128 {
  return f32x4.add(a, b)
}

@inline
export function sub(a: v128, b: v128): v128 {
  return f32x4.sub(a, b)
}

@inline
export function mul(a: v128, b: v128): v128 {
  return f32x4.mul(a, b)
}
