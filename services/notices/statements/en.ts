import { PERJURY, type StatementsDraft } from './draft.ts'

/** DRAFT: the tenant's lawyer has to approve this wording before anybody signs it. */
export const english: StatementsDraft = {
  version: 1,
  note: 'The wording of these statements is a draft by Earwitness: have your lawyer approve it before you sign.',
  wordings: {
    good_faith: {
      general:
        'It has been considered whether an exception or limitation such as fair use, fair dealing, quotation or parody ' +
        'applies. On that basis I believe in good faith that the use at {host} described in this notice is not ' +
        'authorised by {rightsHolder}, by its agents or by the law.',
    },
    accuracy: {
      general:
        'The information in this notice is accurate. Each match that it describes was reviewed and confirmed by a ' +
        'person.',
      regimes: [
        {
          of: ['UK_ECR_22'],
          text:
            'The information in this notice is accurate, and I believe that the facts stated in it are true. Each match ' +
            'that it describes was reviewed and confirmed by a person.',
        },
      ],
    },
    authority: {
      general:
        'I am authorised to act on behalf of {rightsHolder}, the holder of an exclusive right that the copies at {host} ' +
        'infringe.',
      regimes: [
        {
          of: PERJURY,
          text:
            'Under penalty of perjury: I am authorised to act on behalf of {rightsHolder}, the owner of an exclusive ' +
            'right that is alleged to be infringed.',
        },
      ],
    },
    dsa_bona_fide: {
      general:
        'I have the bona fide belief that the information and the allegations in this notice are accurate and complete.',
    },
    in_not_s52: {
      general:
        'The copies at {host} infringe the copyright in the works named in this notice. Their use is not covered by ' +
        'section 52 of the Copyright Act, 1957, of India, nor is it any other act that the law permits.',
    },
    in_suit_undertaking_21d: {
      general:
        'On behalf of {rightsHolder} I give the undertaking to file a suit for infringement in the competent court ' +
        'against the person who uploaded the copies, and to produce the order of that court within 21 days from the ' +
        'receipt of this notice.',
    },
  },
}
