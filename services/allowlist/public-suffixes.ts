/** Second levels that registries of countries sell below, as in `co.uk` and `com.au`. */
const SECOND_LEVELS = 'ac co com edu gov mil net org'
/** Further endings of more than one part that registries sell below. */
const ENDINGS =
  'asn.au id.au adv.br art.br eco.br ind.br mus.br tv.br nom.co gob.es nom.es firm.in gen.in ind.in nic.in ' +
  'ad.jp go.jp ne.jp or.jp go.kr ne.kr or.kr re.kr gob.mx gen.nz geek.nz iwi.nz kiwi.nz maori.nz school.nz ' +
  'art.pl biz.pl info.pl waw.pl msk.ru spb.ru go.th in.th or.th bel.tr biz.tr gen.tr web.tr idv.tw game.tw ' +
  'ltd.uk me.uk nhs.uk plc.uk police.uk sch.uk gv.at or.at web.id or.id my.id go.id go.ke or.ke ne.ke ' +
  'asso.fr nom.fr tm.fr priv.no muni.il k12.il law.za nom.za web.za'
/** Hosts that give a subdomain to everybody who asks. */
const HOSTING =
  '000webhostapp.com altervista.org amazonaws.com azurewebsites.net bandcamp.com blob.core.windows.net blogspot.com ' +
  'cloudfront.net core.windows.net ddns.net deviantart.com digitaloceanspaces.com duckdns.org firebaseapp.com ' +
  'fly.dev github.io gitlab.io herokuapp.com livejournal.com neocities.org netlify.app ngrok.io no-ip.org ' +
  'onrender.com pages.dev r2.dev s3.amazonaws.com substack.com surge.sh tumblr.com vercel.app web.app webflow.io weebly.com ' +
  'wixsite.com wordpress.com workers.dev'
/** Sites on which everybody can publish under one host. */
const SHARED =
  '4shared.com archive.org audiomack.com bilibili.com dailymotion.com discord.com discordapp.com docs.google.com ' +
  'drive.google.com dropbox.com facebook.com github.com gofile.io google.com icloud.com instagram.com ' +
  'mediafire.com mega.nz mixcloud.com ok.ru onedrive.live.com pixeldrain.com reddit.com rutube.ru ' +
  'soundcloud.com t.me telegram.org tiktok.com twitch.tv twitter.com vimeo.com vk.com wetransfer.com x.com ' +
  'youtu.be youtube.com'

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '))
const secondLevels = setOf(SECOND_LEVELS)
const endings = setOf(ENDINGS)
const hosting = setOf(HOSTING)
const shared = setOf(SHARED)

/**
 * Whether many registrants have their domains directly below a host: `com`, `co.uk`. Known are the endings of one part,
 * the usual second levels of countries, and the list above; the Public Suffix List has some thousands more, which
 * belong to few domains of music each.
 */
export function isPublicSuffix(host: string): boolean {
  const [first = '', second, third] = host.split('.')
  if (second === undefined) return true
  if (third !== undefined) return false
  return endings.has(host) || (second.length === 2 && secondLevels.has(first))
}

/** Whether everybody can have a domain of their own below a host. */
export const isHostingSuffix = (host: string): boolean => hosting.has(host)

/** Whether everybody can publish on a host: on a shared site or a part of one, as `music.youtube.com` is. */
export const isSharedSite = (host: string): boolean =>
  host.split('.').some((_, index, labels) => shared.has(labels.slice(index).join('.')))
