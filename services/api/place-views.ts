import { z } from 'zod'

import { AudioCopy } from '../submissions/same-audio-store.ts'
import { view } from './schema.ts'

export const AudioCopyView = view(
  'AudioCopy',
  AudioCopy.omit({ of: true }).extend({
    sha256: AudioCopy.shape.sha256.describe(
      'Of the whole file: another than the item’s own, if it was tagged anew',
    ),
  }),
)

export const WhereaboutsView = view(
  'Whereabouts',
  z
    .object({
      host: z.string().nullable().describe('null of a file that was handed in'),
      account: z
        .object({ platform: z.string(), name: z.string() })
        .nullable()
        .describe('The account on a platform, where an address tells it'),
      saidBy: z
        .object({
          name: z.string().nullable(),
          url: z.string().nullable(),
          account: z
            .object({ platform: z.string(), name: z.string() })
            .nullable()
            .describe('The account that this address names'),
        })
        .nullable()
        .describe('Who put it there, in the words of the page that leads to it: nobody has checked them'),
      address: z.string().nullable().describe('The address that answered for the host'),
      seenAt: z.date().nullable().describe('When it answered'),
      network: z
        .object({
          asn: z.number().optional().describe('Number of the autonomous system'),
          name: z.string().optional(),
          country: z
            .string()
            .optional()
            .describe('ISO 3166-1 alpha-2: where the network is registered or used'),
          source: z.enum(['table', 'registry']).describe('Who says so: the operator’s table, or a registry'),
          asOf: z.date().nullable().describe('When the registry was asked'),
        })
        .nullable(),
    })
    .describe('Where the copy is, as far as it can be told without asking anybody'),
)
