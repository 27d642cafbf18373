import { z } from 'zod'

import { Problem } from '../core/problem.ts'
import { addressIn, expectedRole } from './address.ts'
import { named } from './find-name.ts'
import { pageFinds } from './html.ts'
import type { Opener } from './opener.ts'
import { saidUploader } from './said-uploader.ts'
import { textOpener } from './text-opener.ts'

/** An answer is a kilobyte. */
const ANSWER_BYTES_MAX = 2 ** 20
const HTML_LENGTH_MAX = 200_000

const text = z.string().max(HTML_LENGTH_MAX).optional().catch(undefined)

/** What an oEmbed provider answers, as far as it leads anywhere (oembed.com, section 2.3.4), and whose it is. */
const Answer = z.object({
  type: text,
  title: text,
  html: text,
  url: text,
  thumbnail_url: text,
  author_name: text,
  author_url: text,
})

function parsed(json: string): z.infer<typeof Answer> {
  try {
    return Answer.parse(JSON.parse(json))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      throw new Problem('open/damaged', 'It is no answer of an oEmbed provider', { cause: error })
    throw error
  }
}

/** What an oEmbed provider answered, of at most 1 MiB: the player that it gives, whose it is, and its picture. */
export const openOembed: Opener = textOpener(ANSWER_BYTES_MAX, function* find(json, source, budget) {
  const answer = parsed(json)
  const { type, title, html, url, thumbnail_url: thumbnail } = answer
  const by = saidUploader({ name: answer.author_name, url: answer.author_url }, source.url)
  if (html !== undefined)
    for (const found of pageFinds(html, source.url, budget))
      if (found.kind !== 'link') yield { ...found, name: named(found.name, title) }
      else if (found.role !== 'page') yield { ...found, name: named(found.name, title), by: found.by ?? by }
  const address = url === undefined ? undefined : addressIn(url, source.url)
  if (address !== undefined)
    yield {
      kind: 'link',
      url: address,
      name: named(type === 'photo' ? 'cover' : 'link', title),
      role: type === 'photo' ? 'cover' : (expectedRole(address) ?? 'unknown'),
      by,
    }
  const cover = thumbnail === undefined ? undefined : addressIn(thumbnail, source.url)
  if (cover !== undefined) yield { kind: 'link', url: cover, name: 'cover', role: 'cover' }
})
