import { expect, test } from 'vitest'

import { archiveOpeners } from '../../bench/fuzz/archives.ts'
import { openOnce, spoiledFile } from '../../bench/fuzz/opening.ts'
import { openingFolder } from '../support/opening.ts'

/** `npm run bench -- fuzz-openers` takes many more. */
const FILES = 200

test.each(Object.entries(archiveOpeners))(
  'spoiled files are opened or refused: %s',
  async (name, fuzzed) => {
    const folder = await openingFolder()
    try {
      let found = 0
      for (let number = 0; number < FILES; number++) {
        const opened = await openOnce(folder, fuzzed, spoiledFile(fuzzed, number))
        expect(opened.problem, `${name} ${number}`).toBeUndefined()
        found += opened.found
      }
      expect(found).toBeGreaterThan(0)
    } finally {
      await folder.remove()
    }
  },
  60_000,
)
