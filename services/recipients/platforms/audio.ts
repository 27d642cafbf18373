import { type Platform, withForm, withMail } from './platform.ts'

/** Sites where music is listened to. */
export const audioPlatforms: readonly Platform[] = [
  {
    ...withForm,
    domains: ['soundcloud.com'],
    name: 'SoundCloud',
    formUrl: 'https://soundcloud.com/pages/copyright/report',
    country: 'DE',
    languages: ['en', 'de'],
    source: 'Copyright pages of the site: report an infringement',
  },
  {
    ...withMail,
    domains: ['archive.org'],
    name: 'Internet Archive',
    email: 'info@archive.org',
    formats: ['mail'],
    country: 'US',
    source: 'Rights page of the help centre: copyright agent',
  },
]
