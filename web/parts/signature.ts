import type { Html } from '../../services/core/html.ts'
import { type Filled, textField } from './fields.ts'
import { exactTime } from './words.ts'

/** As long as names in accounts are, with what stands before them. */
const CHARACTERS_MAX = 220

/**
 * Where a person signs: `/s/` and the name as it stands in the account.
 *
 * @param freshUntil until when the second factor counts; not given where none is asked for.
 */
export const signatureField = (memberName: string, filled: Filled, freshUntil?: Date): Html =>
  textField(
    {
      name: 'signatureText',
      label: 'Signature',
      required: true,
      autocomplete: 'off',
      charactersMax: CHARACTERS_MAX,
      placeholder: `/s/ ${memberName}`,
      hint: [
        `Type /s/ and your name as it stands in your account: ${memberName}.`,
        ...(freshUntil ? [`Your second factor counts until ${exactTime(freshUntil)}.`] : []),
      ].join(' '),
    },
    filled,
  )
