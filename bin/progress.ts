import { type Terminal, fit, printable } from './terminal.ts'

/** A bar of `width` characters and the share in percent: `████······  40 %`. Nothing of nothing is done. */
export function bar(done: number, total: number, width = 24): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1
  const full = Math.floor(share * width)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `${'█'.repeat(full)}${'·'.repeat(width - full)} ${percent} %`
}

/** A length of time as people say it: `8 s`, `3 min 05 s`, `2 h 10 min`. */
export function lengthOfTime(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`
}

/** Redrawing more often than the eye sees costs time and makes remote screens flicker. */
const REDRAW_MS = 100

/** Lines that are drawn over themselves while work goes on. On a pipe nothing is drawn until the end. */
export interface LiveLines {
  /** Shows these lines instead of the last ones; at most ten times a second. */
  draw(lines: readonly string[]): void
  /** Writes a line that stays above the live ones. */
  say(line: string): void
  /** Draws for the last time and leaves the lines standing. */
  end(lines: readonly string[]): void
}

/** Live lines on the terminal's `err`. Lines are cut to the screen's width, because a wrapped one cannot be redrawn. */
export function createLiveLines(terminal: Terminal): LiveLines {
  let shown = 0
  let drawnAtMs = Number.NEGATIVE_INFINITY
  let last: readonly string[] = []
  let ended = false
  const up = (): string => (shown > 0 ? `\u001b[${shown}A\r\u001b[J` : '')
  const paintLines = (lines: readonly string[]): void => {
    const text = lines.map((line) => `${fit(line, terminal.columns - 1)}\n`).join('')
    terminal.err.write(up() + text)
    shown = lines.length
    drawnAtMs = performance.now()
  }
  return {
    draw(lines) {
      last = lines
      if (!terminal.isTty || ended || performance.now() - drawnAtMs < REDRAW_MS) return
      paintLines(lines)
    },
    say(line) {
      if (!terminal.isTty || ended) {
        terminal.err.write(`${line}\n`)
        return
      }
      terminal.err.write(`${up()}${line}\n`)
      shown = 0
      paintLines(last)
    },
    end(lines) {
      if (ended) return
      ended = true
      if (terminal.isTty) paintLines(lines)
      else for (const line of lines) terminal.err.write(`${line}\n`)
    },
  }
}

/** How far one piece of work has come, on one line. */
export interface Progress {
  /** @param done how much of `total` is done, parts included. @param note what is being done now. */
  show(done: number, total: number, note?: string): void
  /** Writes a line that stays. */
  say(line: string): void
  /** Leaves the last line standing, with `note`, else how long it took, in place of rate and time left. */
  end(note?: string): void
}

/**
 * The line of a progress bar, a pure function: label, bar, count, rate, time left, note.
 *
 * @param unit what is counted, in the plural; without one only the share is told.
 */
export function progressLine(state: {
  readonly label: string
  readonly done: number
  readonly total: number
  readonly seconds: number
  readonly unit?: string | undefined
  readonly note?: string | undefined
}): string {
  const { label, done, total, seconds, unit, note } = state
  const parts = [`${label} ${bar(done, total)}`]
  if (unit !== undefined) parts.push(`${Math.floor(done)}/${total} ${unit}`)
  // The first moments tell little of the rest; an estimate that jumps is worse than none.
  if (seconds >= 2 && done > 0 && done < total) {
    if (unit !== undefined) parts.push(`${(done / seconds).toFixed(1)}/s`)
    parts.push(`${lengthOfTime(((total - done) * seconds) / done)} left`)
  }
  if (note) parts.push(printable(note))
  return parts.join('  ')
}

/** One line of progress: redrawn on a screen, only its last state on a pipe. */
export function createProgress(terminal: Terminal, label: string, options: { unit?: string } = {}): Progress {
  const live = createLiveLines(terminal)
  const startedAtMs = performance.now()
  let state: { done: number; total: number } | undefined
  const secondsSince = (): number => (performance.now() - startedAtMs) / 1000
  return {
    show(done, total, note) {
      state = { done, total }
      live.draw([progressLine({ label, done, total, seconds: secondsSince(), unit: options.unit, note })])
    },
    say: (line) => live.say(line),
    end(note) {
      if (!state) return
      const took = lengthOfTime(secondsSince())
      live.end([progressLine({ label, ...state, seconds: 0, unit: options.unit, note: note ?? took })])
    },
  }
}
