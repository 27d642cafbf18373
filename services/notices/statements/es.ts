import { PERJURY, type StatementsDraft } from './draft.ts'

/** DRAFT: the tenant's lawyer has to approve this wording before anybody signs it. */
export const spanish: StatementsDraft = {
  version: 1,
  note: 'El texto de estas declaraciones es un borrador de Earwitness: pida a su abogado que lo apruebe antes de firmar.',
  wordings: {
    good_faith: {
      general:
        'Se ha examinado si resulta aplicable alguna excepción o limitación, como la cita, la parodia o el «fair use». ' +
        'Sobre esa base, creo de buena fe que el uso en {host} descrito en la presente notificación no está autorizado ' +
        'por {rightsHolder}, por sus representantes ni por la ley.',
    },
    accuracy: {
      general:
        'La información contenida en la presente notificación es exacta. Cada coincidencia descrita en ella ha sido ' +
        'revisada y confirmada por una persona.',
      regimes: [
        {
          of: ['UK_ECR_22'],
          text:
            'La información contenida en la presente notificación es exacta y creo que los hechos expuestos en ella son ' +
            'ciertos. Cada coincidencia descrita en ella ha sido revisada y confirmada por una persona.',
        },
      ],
    },
    authority: {
      general:
        'Declaro que tengo autorización para actuar en nombre de {rightsHolder}, titular de un derecho exclusivo que ' +
        'infringen las copias disponibles en {host}.',
      regimes: [
        {
          of: PERJURY,
          text:
            'Bajo pena de perjurio conforme al derecho de los Estados Unidos («under penalty of perjury»), declaro que ' +
            'tengo autorización para actuar en nombre de {rightsHolder}, titular de un derecho exclusivo cuya infracción ' +
            'se alega.',
        },
      ],
    },
    dsa_bona_fide: {
      general:
        'Creo de buena fe que la información y las alegaciones contenidas en la presente notificación son exactas y ' +
        'completas.',
    },
    in_not_s52: {
      general:
        'Las copias disponibles en {host} infringen los derechos de autor sobre las obras indicadas en la presente ' +
        'notificación. Su uso no está amparado por el artículo 52 de la Ley de derechos de autor de la India (Copyright ' +
        'Act, 1957) ni constituye ningún otro acto permitido por la ley.',
    },
    in_suit_undertaking_21d: {
      general:
        'En nombre de {rightsHolder}, asumo el compromiso de interponer ante el tribunal competente una demanda por ' +
        'infracción contra la persona que subió las copias y de presentar la resolución de dicho tribunal en un plazo ' +
        'de 21 días a partir de la recepción de la presente notificación.',
    },
  },
}
