import { type Chord, semitonesOf, voicing } from './harmony.ts'
import type { Note, Phrase } from './phrase.ts'
import type { Voice } from './timbre.ts'

/** A note inside a bar, in steps, before a player's hand makes it human. */
interface Sketch {
  readonly voice: Voice
  readonly at: number
  readonly steps: number
  readonly pitch: number
  readonly velocity: number
  /** Seconds after the beat, for strings of a chord that are struck one after another. */
  readonly lateSeconds?: number
}

/** Beats on which a chord is struck, in steps, by pattern; one is left out or added by chance. */
function strikes({ style, random }: Phrase): readonly number[] {
  const { stepsPerBar, stepsPerBeat, accents } = style.metre
  const beats = Array.from({ length: Math.ceil(stepsPerBar / stepsPerBeat) }, (_, i) => i * stepsPerBeat)
  switch (style.chordPattern) {
    case 'held':
      return accents
    case 'pulse':
      return beats.filter((at) => accents.includes(at) || random.chance(0.75))
    case 'offbeat':
      return beats.map((at) => at + Math.ceil(stepsPerBeat / 2)).filter((at) => at < stepsPerBar)
    case 'strum':
      return beats.flatMap((at) => {
        const upstroke = at + Math.ceil(stepsPerBeat / 2)
        return random.chance(0.55) && upstroke < stepsPerBar ? [at, upstroke] : [at]
      })
  }
}

function playChords(phrase: Phrase, chord: Chord): readonly Sketch[] {
  const { style, random, tonic, energy } = phrase
  const pitches = voicing(style.mode, tonic, chord, tonic + 2 + random.whole(-3, 3))
  const at = strikes(phrase)
  const strum = style.chordPattern === 'strum' ? random.between(0.012, 0.028) : 0.003
  return at.flatMap((start, i) => {
    const steps = (at[i + 1] ?? style.metre.stepsPerBar) - start
    const downward = i % 2 === 0
    return pitches.map((pitch, string) => ({
      voice: 'chords' as const,
      at: start,
      steps: style.chordPattern === 'offbeat' ? Math.min(steps, 2) : steps,
      pitch,
      velocity: 0.4 + 0.35 * energy + random.bell(0.06),
      lateSeconds: (downward ? string : pitches.length - 1 - string) * strum,
    }))
  })
}

function playPad({ style, random, tonic, energy }: Phrase, chord: Chord): readonly Sketch[] {
  const { stepsPerBar } = style.metre
  return voicing(style.mode, tonic, chord, tonic + random.pick([0, 0, 7, -5])).map((pitch) => ({
    voice: 'pad' as const,
    at: 0,
    steps: stepsPerBar,
    pitch,
    velocity: 0.4 + 0.3 * energy + random.bell(0.05),
  }))
}

function playArpeggio(phrase: Phrase, chord: Chord): readonly Sketch[] {
  const { style, random, tonic, energy } = phrase
  const pitches = voicing(style.mode, tonic, chord, tonic + 10)
  const grid = energy > 0.7 ? 1 : 2
  const sketches: Sketch[] = []
  let string = random.whole(0, pitches.length - 1)
  for (let at = 0; at < style.metre.stepsPerBar; at += grid) {
    string += random.pick([1, 1, 1, 2, -1])
    const round = ((string % pitches.length) + pitches.length) % pitches.length
    const octave = random.chance(0.15) ? 12 : 0
    if (random.chance(0.2)) continue
    const pitch = (pitches[round] ?? tonic) + octave
    sketches.push({ voice: 'arpeggio', at, steps: grid * 2, pitch, velocity: random.between(0.35, 0.7) })
  }
  return sketches
}

function playBass(phrase: Phrase, chord: Chord, next: Chord): readonly Sketch[] {
  const { style, random, tonic, energy } = phrase
  const { stepsPerBar, stepsPerBeat, accents } = style.metre
  // Two octaves below the tonic's middle, folded so that no root is too low for small loudspeakers.
  const low = (step: number): number => {
    const pitch = tonic - 24 + semitonesOf(style.mode, step)
    return pitch < 33 ? pitch + 12 : pitch
  }
  const beats = Array.from({ length: Math.ceil(stepsPerBar / stepsPerBeat) }, (_, i) => i * stepsPerBeat)
  const starts = { held: [0], fifths: accents, pulse: beats, walking: beats }[style.bassPattern]
  return starts.flatMap((at, i) => {
    if (at > 0 && random.chance(0.15)) return []
    const last = i === starts.length - 1
    const walking = style.bassPattern === 'walking' && at > 0
    const approach = last && random.chance(0.6) ? next.root + random.pick([-1, 1]) : random.pick(chord.steps)
    const fifth = style.bassPattern === 'fifths' && i % 2 === 1 ? chord.root + 4 : chord.root
    const steps = Math.max(1, (starts[i + 1] ?? stepsPerBar) - at - (random.chance(0.3) ? 1 : 0))
    const velocity = 0.55 + 0.3 * energy + random.bell(0.06)
    return [{ voice: 'bass' as const, at, steps, pitch: low(walking ? approach : fifth), velocity }]
  })
}

/** Which accompanying voices play in this phrase; quiet sections are thin, and each one differs a little. */
function playing({ kind, random, style }: Phrase): ReadonlySet<Voice> {
  const chances: Readonly<Record<typeof kind, Readonly<Partial<Record<Voice, number>>>>> = {
    intro: { chords: 0.75, pad: 0.7, arpeggio: 0.6, bass: 0.25 },
    verse: { chords: 0.95, pad: 0.4, arpeggio: 0.35, bass: 0.95 },
    chorus: { chords: 1, pad: 0.9, arpeggio: 0.75, bass: 1 },
    bridge: { chords: 0.5, pad: 0.9, arpeggio: 0.8, bass: 0.7 },
    outro: { chords: 0.9, pad: 0.8, arpeggio: 0.5, bass: 0.6 },
  }
  const band = (Object.keys(chances[kind]) as Voice[]).filter((voice) => style.parts[voice] !== undefined)
  const names = band.filter((voice) => random.chance(chances[kind][voice] ?? 0))
  // Never an empty stage: there are chords when nobody else was drawn.
  return new Set(names.length > 0 ? names : ['chords'])
}

/** Chords, pad, arpeggio and bass of one phrase, with each player's own small delays and accents. */
export function accompany(phrase: Phrase): readonly Note[] {
  const { style, random, chords } = phrase
  const voices = playing(phrase)
  const push = random.bell(0.006)
  return chords.flatMap((chord, bar) => {
    const next = chords[bar + 1] ?? chords[0] ?? chord
    const sketches = [
      ...(voices.has('chords') ? playChords(phrase, chord) : []),
      ...(voices.has('pad') ? playPad(phrase, chord) : []),
      ...(voices.has('arpeggio') ? playArpeggio(phrase, chord) : []),
      ...(voices.has('bass') ? playBass(phrase, chord, next) : []),
    ]
    return sketches.map(({ voice, at, steps, pitch, velocity, lateSeconds = 0 }) => {
      const startSeconds = Math.max(
        0,
        phrase.timeOf(bar, at) + lateSeconds + push + random.bell(style.looseness),
      )
      const seconds = (phrase.timeOf(bar, at + steps) - startSeconds) * random.between(0.8, 1)
      return { voice, startSeconds, seconds, pitch, velocity }
    })
  })
}
