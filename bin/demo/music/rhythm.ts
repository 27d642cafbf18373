import type { Drum, Hit, Phrase } from './phrase.ts'

/** Chance of a stroke on a step: high on its own beats, low elsewhere; drawn anew for each bar. */
function strokeChance(drum: Drum, step: number, phrase: Phrase): number {
  const { metre, kit } = phrase.style
  const accent = metre.accents.includes(step)
  const back = metre.backbeats.includes(step)
  const onBeat = step % metre.stepsPerBeat === 0
  const even = step % 2 === 0
  if (kit.kind === 'hands') {
    if (drum === 'tom') return accent ? 0.9 : back ? 0.7 : onBeat ? 0.45 : even ? 0.3 : 0.14
    if (drum === 'kick') return accent ? 0.75 : even ? 0.08 : 0.02
    return drum === 'shaker' ? (even ? 0.8 : 0.35) : 0
  }
  switch (drum) {
    case 'kick':
      return step === 0 ? 0.97 : accent ? 0.85 : back ? 0.05 : even ? 0.2 : 0.06
    case 'snare':
      return back ? 0.95 : even ? 0.03 : 0.05
    case 'hat':
      return even ? 0.88 : phrase.energy > 0.8 ? 0.5 : 0.12
    case 'openHat':
      return !onBeat && even ? 0.1 : 0
    case 'shaker':
      return phrase.energy > 0.8 ? 0.45 : 0.05
    case 'tom':
      return 0
  }
}

/** The roll that leads into the next phrase: more likely the nearer its end. */
function fillChance(drum: Drum, step: number, stepsPerBar: number): number {
  const progress = Math.max(0, (2 * step) / stepsPerBar - 1)
  return drum === 'tom' ? progress * 0.8 : drum === 'snare' ? progress * 0.5 : 0
}

const drums: readonly Drum[] = ['kick', 'snare', 'hat', 'openHat', 'tom', 'shaker']

/** The drums of one phrase. */
export function beat(phrase: Phrase): readonly Hit[] {
  const { style, random, energy, kind } = phrase
  if (style.kit.kind === 'none' || (kind === 'intro' && random.chance(0.6))) return []
  const sparse = kind === 'bridge' || kind === 'outro' ? 0.55 : 1
  const hits: Hit[] = []
  for (let bar = 0; bar < phrase.chords.length; bar++) {
    const fill = bar === phrase.chords.length - 1 && random.chance(0.7)
    for (let step = 0; step < style.metre.stepsPerBar; step++) {
      for (const drum of drums) {
        const extra = fill ? fillChance(drum, step, style.metre.stepsPerBar) : 0
        if (!random.chance(strokeChance(drum, step, phrase) * sparse + extra)) continue
        const stress = style.metre.accents.includes(step) ? 0.15 : step % 2 === 1 ? -0.15 : 0
        hits.push({
          drum,
          startSeconds: Math.max(0, phrase.timeOf(bar, step) + random.bell(style.looseness * 0.7)),
          velocity: Math.max(0.15, Math.min(1, 0.45 + 0.3 * energy + stress + random.bell(0.09))),
          tune: 1 + random.bell(drum === 'tom' ? 0.12 : 0.025),
        })
      }
    }
  }
  return hits
}
