import { POSITIONS_AT } from '../layout'

/** Adds `by` to positions `from` … `to`, and to up to three behind them. */
export function shift(from: i32, to: i32, by: i32): void {
  const four = i32x4.splat(by)
  const end: i32 = POSITIONS_AT + 4 * to
  for (let at: i32 = POSITIONS_AT + 4 * from; at < end; at += 16)
    v128.store(at, i32x4.add(v128.load(at), four))
}
