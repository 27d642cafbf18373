import { type Platform, withForm } from './platform.ts'

/** What a search form takes at once is not documented; larger batches go through bulk programmes. */
const SEARCH_URLS_MAX = 1000

/** Search engines: asked beside the host to take addresses out of their results. */
export const searchEngines: readonly Platform[] = [
  {
    ...withForm,
    domains: ['google.com'],
    name: 'Google Search',
    formUrl: 'https://reportcontent.google.com/forms/dmca_search',
    country: 'US',
    formats: ['bulk', 'hand'],
    languages: ['en', 'de', 'fr', 'es', 'hi', 'ja'],
    sameHost: false,
    urlsMax: SEARCH_URLS_MAX,
    source: 'Legal help: report content for copyright removal from search',
  },
  {
    ...withForm,
    domains: ['bing.com'],
    name: 'Bing',
    formUrl: 'https://www.microsoft.com/en-us/concern/bing',
    country: 'US',
    formats: ['bulk', 'hand'],
    sameHost: false,
    urlsMax: SEARCH_URLS_MAX,
    source: 'Report a concern to Bing',
  },
]
