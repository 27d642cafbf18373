import { type Platform, withForm, withMail } from './platform.ts'

/** Sites where files, pages and source code are kept. */
export const filePlatforms: readonly Platform[] = [
  {
    ...withForm,
    domains: ['google.com', 'blogspot.com'],
    name: 'Google (Drive, Sites, Blogger)',
    formUrl: 'https://support.google.com/legal/troubleshooter/1114905',
    country: 'US',
    languages: ['en', 'de', 'fr', 'es', 'hi', 'ja'],
    source: 'Legal help: report content on Google',
  },
  {
    ...withForm,
    domains: ['mega.nz', 'mega.io', 'mega.co.nz'],
    name: 'MEGA',
    formUrl: 'https://mega.nz/copyrightnotice',
    country: 'NZ',
    source: 'Takedown guidance policy of the site',
  },
  {
    ...withForm,
    domains: ['dropbox.com', 'dropboxusercontent.com'],
    name: 'Dropbox',
    formUrl: 'https://www.dropbox.com/copyright_complaint',
    country: 'US',
    source: 'DMCA policy of the site',
  },
  {
    ...withMail,
    domains: ['github.com', 'github.io', 'githubusercontent.com'],
    name: 'GitHub',
    email: 'copyright@github.com',
    formUrl: 'https://support.github.com/contact/dmca-takedown',
    country: 'US',
    source: 'Guide to submitting a DMCA takedown notice',
  },
  {
    ...withForm,
    domains: ['wordpress.com'],
    name: 'WordPress.com (Automattic)',
    formUrl: 'https://automattic.com/dmca-notice/',
    country: 'US',
    source: 'DMCA page of Automattic',
  },
]
