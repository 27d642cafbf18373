import { registrableDomain } from './host.ts'
import { audioPlatforms } from './platforms/audio.ts'
import { filePlatforms } from './platforms/files.ts'
import type { Platform } from './platforms/platform.ts'
import { socialPlatforms } from './platforms/social.ts'
import { videoPlatforms } from './platforms/video.ts'

/** Platforms whose way for notices is publicly documented. Whoever is not sure of an entry leaves it out. */
export const platforms: readonly Platform[] = [
  ...videoPlatforms,
  ...audioPlatforms,
  ...filePlatforms,
  ...socialPlatforms,
]

const byDomain: ReadonlyMap<string, Platform> = new Map(
  platforms.flatMap((platform) => platform.domains.map((domain) => [domain, platform])),
)

/** The platform to which a host belongs, by its registrable domain. */
export function platformOf(host: string): Platform | undefined {
  const domain = registrableDomain(host)
  return domain === undefined ? undefined : byDomain.get(domain)
}
