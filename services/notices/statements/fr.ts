import { PERJURY, type StatementsDraft } from './draft.ts'

/** DRAFT: the tenant's lawyer has to approve this wording before anybody signs it. */
export const french: StatementsDraft = {
  version: 1,
  note:
    'Le texte de ces déclarations est un projet rédigé par Earwitness : faites-le approuver par votre avocat avant de ' +
    'signer.',
  wordings: {
    good_faith: {
      general:
        'L’application éventuelle d’une exception ou limitation, telle que la citation, la parodie ou le « fair use », ' +
        'a été examinée. Sur cette base, je crois de bonne foi que l’utilisation sur {host} décrite dans la présente ' +
        'notification n’est autorisée ni par {rightsHolder}, ni par ses mandataires, ni par la loi.',
    },
    accuracy: {
      general:
        'Les informations contenues dans la présente notification sont exactes. Chaque correspondance qui y est décrite ' +
        'a été vérifiée et confirmée par une personne.',
      regimes: [
        {
          of: ['UK_ECR_22'],
          text:
            'Les informations contenues dans la présente notification sont exactes et je crois que les faits qui y sont ' +
            'exposés sont véridiques. Chaque correspondance qui y est décrite a été vérifiée et confirmée par une ' +
            'personne.',
        },
      ],
    },
    authority: {
      general:
        'Je déclare avoir le pouvoir d’agir au nom de {rightsHolder}, titulaire d’un droit exclusif auquel portent ' +
        'atteinte les copies présentes sur {host}.',
      regimes: [
        {
          of: PERJURY,
          text:
            'Sous peine de parjure selon le droit des États-Unis (« under penalty of perjury »), je déclare avoir le ' +
            'pouvoir d’agir au nom de {rightsHolder}, titulaire d’un droit exclusif dont la violation est alléguée.',
        },
      ],
    },
    dsa_bona_fide: {
      general:
        'Je crois de bonne foi que les informations et les allégations contenues dans la présente notification sont ' +
        'exactes et complètes.',
    },
    in_not_s52: {
      general:
        'Les copies présentes sur {host} portent atteinte au droit d’auteur sur les œuvres désignées dans la présente ' +
        'notification. Leur utilisation ne relève ni de l’article 52 de la loi indienne sur le droit d’auteur (Copyright ' +
        'Act, 1957), ni d’aucun autre acte permis par la loi.',
    },
    in_suit_undertaking_21d: {
      general:
        'Au nom de {rightsHolder}, je prends l’engagement d’intenter devant la juridiction compétente une action en ' +
        'contrefaçon contre la personne qui a mis les copies en ligne, et de produire la décision de cette juridiction ' +
        'dans un délai de 21 jours à compter de la réception de la présente notification.',
    },
  },
}
