import type { LetterFacts, LetterWords } from './texts.ts'

/** Days in which an answer is asked for. */
const ANSWER_DAYS = 14

const salutation = 'To whom it may concern,'
const closing = 'Yours faithfully'

function worksIntro({ worksTotal, worksListed, leak }: LetterFacts): string {
  if (worksTotal === 0) return 'This letter concerns all recordings in which we hold rights.'
  if (worksTotal === 1)
    return `We found one of our recordings in a list of the contents of “${leak}”. It is named below.`
  const found = `We found ${worksTotal.toLocaleString('en')} of our recordings in a list of the contents of “${leak}”. `
  return worksListed < worksTotal
    ? `${found}The first ${worksListed.toLocaleString('en')} are listed below; we send the whole list on request.`
    : `${found}They are listed below.`
}

/** The letters in English. */
export const english: LetterWords = {
  texts: {
    'rights-reservation': (facts) => ({
      title: 'Reservation of rights',
      subject: `Reservation of rights against text and data mining: “${facts.leak}”`,
      salutation,
      paragraphs: [
        `${facts.sender} holds the rights of the producer of phonograms, and other rights as far as they were transferred to it, in the recordings that this letter concerns.`,
        'Under Article 4(3) of Directive (EU) 2019/790 we expressly reserve the reproduction and extraction of these recordings, and of all others in our catalogue, for text and data mining. This covers the training, fine-tuning and testing of machine learning models. It holds wherever and in whatever form the recordings are found, and for the data that belong to them, such as lyrics, artwork and descriptions, as far as rights in them are ours. It adds to every reservation that we have made or make by machine-readable means.',
        'Nothing permits the use of copies that were taken from a service against its terms or around its technical measures: Article 4(1) of the Directive speaks of works to which there is lawful access.',
        'A provider that places a general-purpose AI model on the market of the European Union has to have a policy to comply with Union law on copyright, and in particular to identify and to comply with reservations of rights such as this one (Article 53(1)(c) of Regulation (EU) 2024/1689). Please make this letter part of how you fulfil that duty.',
        `We ask you to confirm within ${ANSWER_DAYS} days that you have recorded this reservation, and to tell us whether recordings of ours were used for training, from which source, and in which models.`,
        `Please write to ${facts.contact}.`,
      ],
      worksIntro: worksIntro(facts),
      closing,
    }),
    'data-set-removal': (facts) => ({
      title: 'Request to remove works from a data set',
      subject: `Request to remove our recordings from “${facts.leak}”`,
      salutation,
      paragraphs: [
        `${facts.sender} holds the rights of the producer of phonograms, and other rights as far as they were transferred to it, in the recordings that this letter concerns. As far as we know, the data set “${facts.leak}” has copies of them, or points to such copies. We have not permitted this.`,
        'We ask you to take these recordings, and whatever was derived from them that reproduces them, out of the data set and out of all copies of it that you hold; to stop offering them to others; and not to take them in again in later versions.',
        'We ask you to tell those to whom you passed the data set on that these recordings are to be removed, and to tell us who they are.',
        'We also reserve the use of these recordings for text and data mining (Article 4(3) of Directive (EU) 2019/790). Whoever trains a general-purpose AI model for the market of the European Union has to comply with such a reservation (Article 53(1)(c) of Regulation (EU) 2024/1689).',
        `We ask you to confirm within ${ANSWER_DAYS} days what you have removed, from which versions, and from where the recordings had come. If you believe that you may use them, please tell us on what grounds.`,
        `Please write to ${facts.contact}. We reserve all rights and claims.`,
      ],
      worksIntro: worksIntro(facts),
      closing,
    }),
  },
  labels: {
    from: 'From',
    to: 'To',
    subject: 'Subject',
    date: 'Date',
    works: 'Recordings',
    isrc: 'ISRC',
    work: 'Recording',
    place: 'Where it is listed',
    hash: 'SHA-256 of this letter',
    auditHash: 'SHA-256 of the audit that found them',
    unsigned: 'Not signed yet',
  },
  page: (page, pages) => `page ${page} of ${pages}`,
  signedOn: (day) => `Signed electronically on ${day}`,
}
