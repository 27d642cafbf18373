import { accompany } from './accompaniment.ts'
import { progression, realise } from './harmony.ts'
import { cadenceBar, drawMotif, type Motif, pitchOf, tuneBar } from './melody.ts'
import type { Hit, Note, Phrase, SectionKind } from './phrase.ts'
import type { Random } from './random.ts'
import { beat } from './rhythm.ts'
import type { Style } from './style.ts'

/** What the players play: in no particular order. */
export interface Score {
  readonly notes: readonly Note[]
  readonly hits: readonly Hit[]
}

/** Order of the phrases; after its end the piece goes on from `TURN`. Every piece closes with an outro. */
const forms: readonly (readonly SectionKind[])[] = [
  ['intro', 'verse', 'verse', 'chorus', 'verse', 'chorus', 'bridge', 'chorus', 'chorus'],
  ['intro', 'verse', 'chorus', 'verse', 'bridge', 'chorus', 'verse', 'chorus'],
  ['verse', 'chorus', 'verse', 'chorus', 'bridge', 'verse', 'chorus'],
  ['intro', 'intro', 'verse', 'verse', 'bridge', 'chorus', 'chorus', 'verse', 'chorus'],
]
const TURN: readonly SectionKind[] = ['verse', 'bridge', 'verse', 'chorus']

const energies: Readonly<Record<SectionKind, number>> = {
  intro: 0.35,
  verse: 0.6,
  chorus: 0.95,
  bridge: 0.45,
  outro: 0.4,
}

/** How far a bar's tempo may wander from the piece's, as a share. */
const DRIFT_MAX = 0.025

/** Start of every bar in seconds; the band breathes, so no two bars last quite the same. */
function barTimes(random: Random, style: Style, seconds: number): readonly number[] {
  const barSeconds = (style.metre.stepsPerBar * 15) / style.tempoBpm
  const starts = [0]
  let drift = 0
  // A bar beyond the end, because the last notes ask when the next bar would begin.
  for (let at = 0; at < seconds + barSeconds; starts.push(at)) {
    drift = Math.max(-DRIFT_MAX, Math.min(DRIFT_MAX, drift + random.bell(0.006)))
    at += barSeconds * (1 + drift)
  }
  return starts
}

function sectionAt(form: readonly SectionKind[], index: number, phrases: number): SectionKind {
  if (index === phrases - 1 && phrases > 1) return 'outro'
  return form[index] ?? TURN[(index - form.length) % TURN.length] ?? 'verse'
}

/** The material that a piece keeps coming back to. */
interface Ideas {
  readonly verse: { readonly motif: Motif; readonly roots: readonly number[] }
  readonly chorus: { readonly motif: Motif; readonly roots: readonly number[] }
  readonly bridge: { readonly motif: Motif; readonly roots: readonly number[] }
}

function drawIdeas(random: Random, { metre, phraseBars }: Style): Ideas {
  const idea = (first: number, lasts: readonly number[]): Ideas['verse'] => ({
    motif: drawMotif(random, metre),
    roots: progression(random, phraseBars, first, lasts),
  })
  return {
    verse: idea(0, [4, 3, 6]),
    chorus: idea(random.pick([0, 3, 5]), [0, 4]),
    bridge: idea(random.pick([1, 3, 5, 2]), [4]),
  }
}

function ideaFor(ideas: Ideas, kind: SectionKind): Ideas['verse'] {
  return kind === 'chorus' || kind === 'bridge' ? ideas[kind] : ideas.verse
}

/** The tune of a phrase, and a second voice that follows it loosely where the music is full. */
function sing(phrase: Phrase, motif: Motif): readonly Note[] {
  const { style, random, energy, kind } = phrase
  const notes: Note[] = []
  const anchor = kind === 'chorus' ? 9 : 7
  phrase.chords.forEach((chord, bar) => {
    const last = bar === phrase.chords.length - 1
    if (!last && random.chance(kind === 'intro' || kind === 'outro' ? 0.6 : 0.12)) return
    const tune = last
      ? cadenceBar(random, style, chord, anchor)
      : tuneBar(random, style, motif, chord, anchor)
    for (const { at, steps, degree } of tune) {
      const startSeconds = phrase.timeOf(bar, at) + random.bell(style.looseness)
      const seconds = (phrase.timeOf(bar, at + steps) - startSeconds) * random.between(0.75, 1.02)
      const stress = style.metre.accents.includes(at) ? 0.12 : 0
      const velocity = 0.45 + 0.35 * energy + stress + random.bell(0.08)
      notes.push({
        voice: 'lead',
        startSeconds,
        seconds,
        pitch: pitchOf(style, phrase.tonic, degree),
        velocity,
      })
      if (energy > 0.55 && random.chance(kind === 'chorus' ? 0.6 : 0.2)) {
        const pitch = pitchOf(style, phrase.tonic, degree - random.pick([2, 2, 4, 5]))
        const late = startSeconds + Math.abs(random.bell(0.02))
        notes.push({ voice: 'counter', startSeconds: late, seconds, pitch, velocity: velocity * 0.8 })
      }
    }
  })
  return notes
}

/**
 * Writes the music of one piece: sections, progressions that change a little each time, a tune made of
 * motifs, accompaniment and drums.
 *
 * @param seconds length to fill; what starts later is not written, what rings longer is cut by the mix.
 */
export function writeScore(random: Random, style: Style, seconds: number): Score {
  const starts = barTimes(random.fork('tempo'), style, seconds)
  const stepSeconds = 15 / style.tempoBpm
  const phrases = Math.ceil((starts.length - 1) / style.phraseBars)
  const form = random.pick(forms)
  const ideas = drawIdeas(random.fork('ideas'), style)
  const liftFrom = random.chance(0.4) ? Math.ceil(phrases * 0.7) : phrases
  const lift = random.pick([1, 2, -3])
  const notes: Note[] = []
  const hits: Hit[] = []
  for (let index = 0; index < phrases; index++) {
    const kind = sectionAt(form, index, phrases)
    const own = random.fork(`phrase ${index}`)
    const { motif, roots } = ideaFor(ideas, kind)
    const phrase: Phrase = {
      kind,
      style,
      random: own,
      energy: energies[kind] + own.between(-0.08, 0.08),
      tonic: style.tonic + (index >= liftFrom ? lift : 0),
      chords: realise(own, roots, style.richness),
      timeOf(bar, step) {
        const whole = Math.floor(step / style.metre.stepsPerBar)
        const within = step - whole * style.metre.stepsPerBar
        const start = starts[index * style.phraseBars + bar + whole] ?? Infinity
        return start + stepSeconds * (within + (within % 2 === 1 ? style.swing : 0))
      },
    }
    notes.push(...sing(phrase, motif), ...accompany(phrase))
    hits.push(...beat(phrase))
  }
  return {
    notes: notes.filter((note) => note.startSeconds < seconds && Number.isFinite(note.seconds)),
    hits: hits.filter((hit) => hit.startSeconds < seconds),
  }
}
