import { PERJURY, type StatementsDraft } from './draft.ts'

/** DRAFT: the tenant's lawyer has to approve this wording before anybody signs it. */
export const german: StatementsDraft = {
  version: 1,
  note:
    'Der Wortlaut dieser Erklärungen ist ein Entwurf von Earwitness: Lassen Sie ihn vor der Unterzeichnung anwaltlich ' +
    'prüfen und freigeben.',
  wordings: {
    good_faith: {
      general:
        'Es wurde geprüft, ob eine Ausnahme oder Schranke wie Zitat, Parodie oder „fair use“ greift. Auf dieser ' +
        'Grundlage bin ich in gutem Glauben davon überzeugt, dass die in dieser Meldung beschriebene Nutzung auf ' +
        '{host} weder durch {rightsHolder} noch durch Bevollmächtigte noch durch das Gesetz gestattet ist.',
    },
    accuracy: {
      general:
        'Die Angaben in dieser Meldung sind richtig. Jede darin beschriebene Übereinstimmung wurde von einem Menschen ' +
        'geprüft und bestätigt.',
      regimes: [
        {
          of: ['UK_ECR_22'],
          text:
            'Die Angaben in dieser Meldung sind richtig, und ich bin überzeugt, dass die darin dargelegten Tatsachen ' +
            'wahr sind. Jede darin beschriebene Übereinstimmung wurde von einem Menschen geprüft und bestätigt.',
        },
      ],
    },
    authority: {
      general:
        'Ich bin befugt, im Namen von {rightsHolder} zu handeln, wo ein ausschließliches Recht liegt, das durch die ' +
        'Kopien auf {host} verletzt wird.',
      regimes: [
        {
          of: PERJURY,
          text:
            'In Kenntnis der Strafbarkeit falscher Angaben nach dem Recht der Vereinigten Staaten („under penalty of ' +
            'perjury“) erkläre ich: Ich bin befugt, im Namen von {rightsHolder} zu handeln, wo ein ausschließliches ' +
            'Recht liegt, dessen Verletzung geltend gemacht wird.',
        },
      ],
    },
    dsa_bona_fide: {
      general:
        'Ich bin in gutem Glauben davon überzeugt, dass die Angaben und die Vorwürfe in dieser Meldung richtig und ' +
        'vollständig sind.',
    },
    in_not_s52: {
      general:
        'Die Kopien auf {host} verletzen das Urheberrecht an den in dieser Meldung genannten Werken. Ihre Nutzung ist ' +
        'weder durch Section 52 des indischen Urheberrechtsgesetzes (Copyright Act, 1957) gedeckt noch eine sonstige ' +
        'gesetzlich erlaubte Handlung.',
    },
    in_suit_undertaking_21d: {
      general:
        'Im Namen von {rightsHolder} verpflichte ich mich, beim zuständigen Gericht Klage wegen Rechtsverletzung gegen ' +
        'die Person zu erheben, die die Kopien hochgeladen hat, und die Anordnung dieses Gerichts innerhalb von ' +
        '21 Tagen nach Eingang dieser Meldung vorzulegen.',
    },
  },
}
