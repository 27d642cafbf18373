import type { Outcome } from '../notice-state.ts'

/** Who has words of its own for refusals. */
export type Refusing = 'cloudflare' | 'acns-ack' | 'acns-status' | 'acns-counter-notice' | 'google'

/** What the recipients' own words mean, in ours; one table for all of them. */
const meanings: Readonly<Record<Refusing, Readonly<Record<string, Outcome>>>> = {
  cloudflare: {
    incomplete_report: 'incomplete',
    missing_original_work: 'incomplete',
    report_details_mismatch: 'incomplete',
    direct_url_required: 'url_not_direct',
    not_on_cloudflare: 'wrong_recipient',
    wrong_report_category: 'wrong_recipient',
    domain_dispute_process_required: 'wrong_recipient',
    duplicate_report: 'duplicate',
    content_removed: 'already_gone',
    content_unavailable: 'already_gone',
    no_abuse_found: 'not_infringing',
    unable_to_confirm: 'not_infringing',
    law_enforcement_referral_required: 'court_order_needed',
  },
  'acns-ack': {
    text_xml_mismatch: 'incomplete',
    unknown_recipient: 'wrong_recipient',
    ip_out_of_range: 'wrong_recipient',
    multiple: 'duplicate',
  },
  'acns-status': {
    text_xml_mismatch: 'incomplete',
    unknown_recipient: 'wrong_recipient',
    ip_out_of_range: 'wrong_recipient',
    multiple: 'duplicate',
  },
  'acns-counter-notice': {
    iown: 'counter_notice',
    fairusefreespeech: 'counter_notice',
    misidentified: 'counter_notice',
    other: 'counter_notice',
  },
  google: {
    'insufficient information': 'incomplete',
    duplicate: 'duplicate',
    'not in index': 'already_gone',
    'fair use': 'not_infringing',
  },
}

/** What a recipient's refusal means; undefined for words that are not known: a person reads those. */
export const outcomeOf = (refusing: Refusing, words: string | undefined): Outcome | undefined => {
  const known = meanings[refusing]
  const key = words?.trim().toLowerCase() ?? ''
  return Object.hasOwn(known, key) ? known[key] : undefined
}
