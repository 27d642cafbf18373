import { z } from 'zod'

/** A list as an XML reader gives it: one element comes alone. */
const oneOrMore = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.array(schema).min(1)])

const text = z.string().min(1)
const number = z.string().regex(/^\d+$/)
const truth = z.enum(['true', 'false'])

const Contact = z.strictObject({
  Entity: text,
  Contact: text.optional(),
  Address: text.optional(),
  Phone: text.optional(),
  Email: text,
})

const Item = z.strictObject({
  TimeStamp: z.iso.datetime(),
  Title: text,
  Artist: text.optional(),
  FileName: text,
  FileSize: number.optional(),
  URL: text,
  Type: z.literal('Music'),
  ExplicitType: z.literal('Music'),
  Hash: z.strictObject({ '@Type': z.literal('SHA256'), '#': z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
})

/**
 * An ACNS 1.2 infringement as far as we fill it, as a tree (xml.ts): `@` for attributes, `#` for the text
 * beside them, all values as text. The order of the keys is the order that its schema demands.
 */
export const AcnsInfringement = z.strictObject({
  Case: z.strictObject({
    ID: z.string().regex(/^EN-\d{4}-\d{6}(?:-\d+)?$/),
    Status: z.enum(['Open', 'Closed']),
    Severity: z.literal('Normal'),
  }),
  Complainant: Contact,
  Service_Provider: Contact,
  Source: z.strictObject({
    TimeStamp: z.iso.datetime(),
    IP_Address: z.union([z.ipv4(), z.ipv6()]),
    Port: number.optional(),
    DNS_Name: text,
    Type: z.literal('HTTP'),
    SubType: z.strictObject({ '@BaseType': z.literal('SERVER'), '@Protocol': z.literal('HTTP') }),
    URL_Base: text.optional(),
    Number_Files: number,
  }),
  Content: z.strictObject({ Item: oneOrMore(Item) }),
  Type: z.strictObject({
    '@Retraction': truth,
    '@Comments': text.optional(),
    '#': z.enum(['DMCA', 'INFRINGEMENT']),
  }),
  Detection: z.strictObject({
    Asset: z.strictObject({
      OriginalAssetName: text,
      OriginalAssetID: z.strictObject({ '@type': z.literal('ISRC'), '#': text }).optional(),
    }),
    ContentMatched: z.strictObject({
      '@Audio': z.literal('true'),
      '@Fingerprint': z.literal('true'),
      '@Human': z.literal('true'),
      '@MatchThreshold': number,
    }),
    VerificationID: text,
  }),
  Verification: z.strictObject({
    VerificationLevel: z.strictObject({ '@Type': z.literal('human-review'), '#': z.literal('1') }),
  }),
  TextNotice: text.optional(),
  Declarations: oneOrMore(z.strictObject({ Type: text, Body: text })).optional(),
})
export type AcnsInfringement = z.infer<typeof AcnsInfringement>
