import { decodeSketch, encodeSketch } from '../audio/extract/sketch-bytes.ts'
import { type Sketch, sketchExcerpt } from '../audio/extract/sketch.ts'
import type { FoundRecording, Passage, PassageSketches } from './match.ts'

/** Columns of a passage's sketch: at this width of a picture more could not be told apart. */
export const PASSAGE_SKETCH_COLUMNS_MAX = 160

/**
 * Cuts out of the sketches of a suspect and a recording what a picture of one passage shows.
 *
 * @param sketches of the whole suspect and of the whole recording; what is not there is left out.
 */
export function sketchesOfPassage(
  passage: Pick<Passage, 'suspectFromMs' | 'suspectToMs' | 'referenceFromMs' | 'referenceToMs'>,
  sketches: { readonly suspect: Sketch | undefined; readonly reference: Sketch | undefined },
): PassageSketches {
  const cut = (sketch: Sketch | undefined, fromMs: number, toMs: number): Uint8Array | undefined => {
    const part = sketch && sketchExcerpt(sketch, fromMs, toMs, PASSAGE_SKETCH_COLUMNS_MAX)
    return part && encodeSketch(part)
  }
  return {
    suspect: cut(sketches.suspect, passage.suspectFromMs, passage.suspectToMs),
    reference: cut(sketches.reference, passage.referenceFromMs, passage.referenceToMs),
  }
}

/**
 * What was found in one suspect, each passage with its part of the sketches.
 *
 * @param suspect    its sketch as it is stored, if there is one.
 * @param references those of recordings by their ids.
 * @param unreadable is told why a sketch cannot be read. What was found is worth more than its picture, which then
 *   does without.
 */
export function withSketches(
  found: readonly FoundRecording[],
  suspect: Uint8Array | undefined,
  references: ReadonlyMap<string, Uint8Array>,
  unreadable: (problem: unknown) => void,
): FoundRecording[] {
  const read = (stored: Uint8Array | undefined): Sketch | undefined => {
    try {
      return stored && decodeSketch(stored)
    } catch (error) {
      unreadable(error)
      return undefined
    }
  }
  const ofSuspect = found.length > 0 ? read(suspect) : undefined
  return found.map((recording) => {
    const sketches = { suspect: ofSuspect, reference: read(references.get(recording.recordingId)) }
    const passages = recording.passages.map((passage) => ({
      ...passage,
      sketches: sketchesOfPassage(passage, sketches),
    }))
    return { ...recording, passages }
  })
}
