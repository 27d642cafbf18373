const two = (value: number): string => String(value).padStart(2, '0')

/** A time in a recording: `1:02:03` or `2:03`, parts of seconds cut off. */
export function clockTime(ms: number): string {
  const s = Math.floor(ms / 1000)
  const [hours, minutes, seconds] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}
