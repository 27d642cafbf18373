import type { LetterFacts, LetterWords } from './texts.ts'

/** Days in which an answer is asked for. */
const ANSWER_DAYS = 14

const salutation = 'Sehr geehrte Damen und Herren,'
const closing = 'Mit freundlichen Grüßen'

function worksIntro({ worksTotal, worksListed, leak }: LetterFacts): string {
  if (worksTotal === 0) return 'Dieses Schreiben betrifft alle Aufnahmen, an denen wir Rechte haben.'
  if (worksTotal === 1)
    return `In einem Verzeichnis des Inhalts von „${leak}“ haben wir eine unserer Aufnahmen gefunden. Sie ist unten genannt.`
  const found = `In einem Verzeichnis des Inhalts von „${leak}“ haben wir ${worksTotal.toLocaleString('de')} unserer Aufnahmen gefunden. `
  return worksListed < worksTotal
    ? `${found}Die ersten ${worksListed.toLocaleString('de')} sind unten aufgeführt; die ganze Liste senden wir auf Wunsch zu.`
    : `${found}Sie sind unten aufgeführt.`
}

/** The letters in German. */
export const german: LetterWords = {
  texts: {
    'rights-reservation': (facts) => ({
      title: 'Nutzungsvorbehalt',
      subject: `Nutzungsvorbehalt gegen Text und Data Mining: „${facts.leak}“`,
      salutation,
      paragraphs: [
        `${facts.sender} ist Inhaber der Rechte des Tonträgerherstellers, und weiterer Rechte, soweit sie übertragen wurden, an den Aufnahmen, die dieses Schreiben betrifft.`,
        'Nach Artikel 4 Absatz 3 der Richtlinie (EU) 2019/790 behalten wir uns die Vervielfältigung und Entnahme dieser und aller anderen Aufnahmen unseres Katalogs für Zwecke des Text und Data Mining ausdrücklich vor; in Deutschland ist dies ein Nutzungsvorbehalt im Sinne von § 44b Absatz 3 UrhG. Der Vorbehalt umfasst das Trainieren, Anpassen und Prüfen von Modellen des maschinellen Lernens. Er gilt unabhängig davon, wo und in welcher Form die Aufnahmen zu finden sind, und auch für das, was zu ihnen gehört, etwa Texte, Bilder und Beschreibungen, soweit uns daran Rechte zustehen. Er tritt neben jeden Vorbehalt, den wir in maschinenlesbarer Form erklärt haben oder erklären.',
        'Die Nutzung von Kopien, die einem Dienst entgegen seinen Bedingungen oder unter Umgehung technischer Maßnahmen entnommen wurden, ist ohnehin nicht gestattet: Artikel 4 Absatz 1 der Richtlinie setzt rechtmäßigen Zugang voraus.',
        'Wer ein KI-Modell mit allgemeinem Verwendungszweck in der Europäischen Union in Verkehr bringt, muss eine Strategie zur Einhaltung des Urheberrechts der Union haben und insbesondere Vorbehalte wie diesen ermitteln und beachten (Artikel 53 Absatz 1 Buchstabe c der Verordnung (EU) 2024/1689). Bitte berücksichtigen Sie dieses Schreiben bei der Erfüllung dieser Pflicht.',
        `Wir bitten Sie, innerhalb von ${ANSWER_DAYS} Tagen zu bestätigen, dass Sie diesen Vorbehalt vermerkt haben, und uns mitzuteilen, ob Aufnahmen von uns zum Training verwendet wurden, aus welcher Quelle und in welchen Modellen.`,
        `Bitte schreiben Sie an ${facts.contact}.`,
      ],
      worksIntro: worksIntro(facts),
      closing,
    }),
    'data-set-removal': (facts) => ({
      title: 'Aufforderung, Aufnahmen aus einem Datensatz zu entfernen',
      subject: `Entfernung unserer Aufnahmen aus „${facts.leak}“`,
      salutation,
      paragraphs: [
        `${facts.sender} ist Inhaber der Rechte des Tonträgerherstellers, und weiterer Rechte, soweit sie übertragen wurden, an den Aufnahmen, die dieses Schreiben betrifft. Nach unserer Kenntnis enthält der Datensatz „${facts.leak}“ Kopien davon oder verweist auf solche Kopien. Das haben wir nicht gestattet.`,
        'Wir fordern Sie auf, diese Aufnahmen, und alles daraus Abgeleitete, das sie wiedergibt, aus dem Datensatz und aus allen Kopien zu entfernen, die Sie davon haben, sie Dritten nicht weiter anzubieten und sie in spätere Fassungen nicht wieder aufzunehmen.',
        'Wir bitten Sie, denjenigen, denen Sie den Datensatz weitergegeben haben, mitzuteilen, dass diese Aufnahmen zu entfernen sind, und uns diese Empfänger zu nennen.',
        'Die Nutzung dieser Aufnahmen für Text und Data Mining behalten wir uns vor (Artikel 4 Absatz 3 der Richtlinie (EU) 2019/790, § 44b Absatz 3 UrhG). Wer ein KI-Modell mit allgemeinem Verwendungszweck für den Markt der Europäischen Union trainiert, hat einen solchen Vorbehalt zu beachten (Artikel 53 Absatz 1 Buchstabe c der Verordnung (EU) 2024/1689).',
        `Wir bitten Sie, innerhalb von ${ANSWER_DAYS} Tagen zu bestätigen, was Sie entfernt haben, aus welchen Fassungen, und woher die Aufnahmen stammten. Falls Sie meinen, sie nutzen zu dürfen, teilen Sie uns bitte mit, aus welchem Grund.`,
        `Bitte schreiben Sie an ${facts.contact}. Alle Rechte und Ansprüche bleiben vorbehalten.`,
      ],
      worksIntro: worksIntro(facts),
      closing,
    }),
  },
  labels: {
    from: 'Von',
    to: 'An',
    subject: 'Betreff',
    date: 'Datum',
    works: 'Aufnahmen',
    isrc: 'ISRC',
    work: 'Aufnahme',
    place: 'Wo sie verzeichnet ist',
    hash: 'SHA-256 dieses Schreibens',
    auditHash: 'SHA-256 der Prüfung, die sie gefunden hat',
    unsigned: 'Noch nicht unterschrieben',
  },
  page: (page, pages) => `Seite ${page} von ${pages}`,
  signedOn: (day) => `Elektronisch unterschrieben am ${day}`,
}
