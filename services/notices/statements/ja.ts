import { PERJURY, type StatementsDraft } from './draft.ts'

/** DRAFT: the tenant's lawyer has to approve this wording before anybody signs it. */
export const japanese: StatementsDraft = {
  version: 1,
  note: 'これらの表明の文言は草案です。署名の前に、必ず貴社の弁護士による確認と承認を受けてください。',
  wordings: {
    good_faith: {
      general:
        'フェアユース、引用、パロディなど、著作権の例外または制限に該当するか否かについては、検討がなされています。' +
        'その結果に基づき、私は、本通知に記載した{host}における利用が、{rightsHolder}、その代理人または法律の' +
        'いずれによっても認められていないと、誠実に信じております。',
    },
    accuracy: {
      general:
        '本通知に記載した情報は正確です。本通知に記載した一致は、いずれも人による審査と確認を経たものです。',
      regimes: [
        {
          of: ['UK_ECR_22'],
          text:
            '本通知に記載した情報は正確であり、私は、本通知に記載した事実が真実であると信じております。' +
            '本通知に記載した一致は、いずれも人による審査と確認を経たものです。',
        },
      ],
    },
    authority: {
      general:
        '私は、{host}上の複製物により侵害されている排他的権利を有する{rightsHolder}を代理して行為する権限を有することを' +
        '表明します。',
      regimes: [
        {
          of: PERJURY,
          text:
            '私は、米国法上の偽証罪の適用があることを承知のうえで、侵害が主張されている排他的権利を有する{rightsHolder}を' +
            '代理して行為する権限を有することを宣言します。',
        },
      ],
    },
    dsa_bona_fide: {
      general: '私は、本通知に含まれる情報および主張が正確かつ完全であると、誠実に信じております。',
    },
    in_not_s52: {
      general:
        '{host}上の複製物は、本通知に記載した著作物の著作権を侵害しています。その利用は、インドの1957年著作権法第52条にも、' +
        '法律により認められるその他の行為にも該当しません。',
    },
    in_suit_undertaking_21d: {
      general:
        '私は、{rightsHolder}を代理して、複製物をアップロードした者に対する侵害訴訟を管轄裁判所に提起し、本通知の受領から' +
        '21日以内に当該裁判所の命令を提出することを誓約します。',
    },
  },
}
