import { type Platform, withForm, withMail } from './platform.ts'

/** Sites where people post and talk. */
export const socialPlatforms: readonly Platform[] = [
  {
    ...withForm,
    domains: ['facebook.com', 'fb.watch'],
    name: 'Facebook',
    formUrl: 'https://www.facebook.com/help/contact/1758255661104383',
    languages: ['en', 'de', 'fr', 'es', 'hi', 'ja'],
    source: 'Help centre: copyright report form',
  },
  {
    ...withForm,
    domains: ['instagram.com'],
    name: 'Instagram',
    formUrl: 'https://help.instagram.com/contact/552695131608132',
    languages: ['en', 'de', 'fr', 'es', 'hi', 'ja'],
    source: 'Help centre: copyright report form',
  },
  {
    ...withForm,
    domains: ['x.com', 'twitter.com'],
    name: 'X',
    formUrl: 'https://help.x.com/en/forms/ipi/dmca',
    country: 'US',
    source: 'Copyright policy of the site',
  },
  {
    ...withForm,
    domains: ['tumblr.com'],
    name: 'Tumblr',
    formUrl: 'https://www.tumblr.com/dmca',
    country: 'US',
    source: 'DMCA page of the site',
  },
  {
    ...withMail,
    domains: ['t.me', 'telegram.org', 'telegram.me'],
    name: 'Telegram',
    email: 'dmca@telegram.org',
    formats: ['mail'],
    source: 'FAQ of the site: content that infringes copyright',
  },
]
