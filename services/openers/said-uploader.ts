import type { SaidUploader } from '../metadata/claims/said-uploader.ts'
import { addressIn } from './address.ts'
import { oneLine } from './find-name.ts'

/**
 * What a page says of an uploader, on one line and with an absolute address.
 *
 * @param base what its address is relative to. @returns undefined when nothing is left of it.
 */
export function saidUploader(
  { name, url }: { readonly name: string | undefined; readonly url: string | undefined },
  base: string | undefined,
): SaidUploader | undefined {
  const words = oneLine(name ?? '')
  const address = url === undefined ? undefined : addressIn(url, base)
  if (words === '' && address === undefined) return undefined
  return { name: words === '' ? null : words, url: address ?? null }
}

/** The only one of some uploaders; undefined when there is none, or when they are several. */
export function onlyUploader(all: readonly SaidUploader[]): SaidUploader | undefined {
  const [first, ...others] = all
  return first && others.every(({ name, url }) => name === first.name && url === first.url)
    ? first
    : undefined
}
