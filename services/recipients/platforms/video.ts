import { type Platform, withForm } from './platform.ts'

/** Sites where video is watched. */
export const videoPlatforms: readonly Platform[] = [
  {
    ...withForm,
    domains: ['youtube.com', 'youtu.be'],
    name: 'YouTube',
    formUrl: 'https://www.youtube.com/copyright_complaint_form',
    country: 'US',
    languages: ['en', 'de', 'fr', 'es', 'hi', 'ja'],
    source: 'Help pages: submit a copyright removal request',
  },
  {
    ...withForm,
    domains: ['vimeo.com'],
    name: 'Vimeo',
    formUrl: 'https://vimeo.com/dmca',
    country: 'US',
    source: 'Copyright policy of the site',
  },
  {
    ...withForm,
    domains: ['tiktok.com'],
    name: 'TikTok',
    formUrl: 'https://www.tiktok.com/legal/report/Copyright',
    languages: ['en', 'de', 'fr', 'es', 'ja'],
    source: 'Intellectual property policy: copyright infringement report',
  },
]
