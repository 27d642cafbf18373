import type { Words } from './words.ts'

/** A notice in German. */
export const german: Words = {
  titles: {
    notice: 'Urheberrechtsmeldung',
    reminder: 'Erinnerung',
    retraction: 'Rücknahme einer Urheberrechtsmeldung',
  },
  urlsOn: (urls, host) => `${urls} ${urls === 1 ? 'URL' : 'URLs'} auf ${host}`,
  to: (role, name) => `An: ${name}, ${role}`,
  roles: {
    platform: 'Abteilung Urheberrecht',
    designated_agent: 'benannter Vertreter (designated agent)',
    hosting: 'Abuse-Stelle',
    network: 'Abuse-Stelle',
    cdn: 'Abuse-Stelle',
    registrar: 'Abuse-Kontakt',
    registry: 'Abuse-Kontakt',
    search_engine: 'Abteilung Urheberrecht',
  },
  law: 'Rechtsgrundlage',
  regimes: {
    US_512C: '17 U.S.C. § 512(c)(3) (Vereinigte Staaten)',
    US_512D: '17 U.S.C. § 512(d)(3) (Vereinigte Staaten)',
    EU_DSA_16: 'Artikel 16 der Verordnung (EU) 2022/2065 (Gesetz über digitale Dienste)',
    UK_ECR_22:
      'regulation 22 der Electronic Commerce (EC Directive) Regulations 2002 (Vereinigtes Königreich)',
    IN_RULE_75: 'section 52(1)(c) des Copyright Act, 1957 und rule 75 der Copyright Rules, 2013 (Indien)',
    GENERIC: 'das für den Empfänger geltende Urheberrecht',
  },
  sections: {
    sender: 'Absender',
    holder: 'Rechtsinhaber',
    works: 'Werke',
    locations: 'Fundstellen',
    reasons: 'Warum die Kopien rechtswidrig sind',
    statements: 'Erklärungen',
    request: 'Aufforderung',
    evidence: 'Belege',
  },
  labels: {
    number: 'Meldung',
    version: 'Fassung',
    issued: 'Ausgestellt (UTC)',
    supersedes: 'Ersetzt Fassung',
    host: 'Host',
    name: 'Name',
    contact: 'Ansprechperson',
    address: 'Anschrift',
    phone: 'Telefon',
    email: 'E-Mail',
    replyTo: 'Antwort an',
    holder: 'Rechtsinhaber',
    actsAs: 'Der Absender handelt als',
    mandate: 'Vorliegendes Dokument, SHA-256',
    territories: 'Gebiete',
    valid: 'Gültig',
    work: 'Werk',
    release: 'Veröffentlichung',
    label: 'Label',
    registration: 'Registrierung (USA)',
    lawfulCopy: 'Rechtmäßiges Angebot',
    length: 'Länge',
    location: 'Fundstelle',
    page: 'Gefunden auf Seite',
    observed: 'Beobachtet (UTC)',
    ipAddress: 'IP-Adresse',
    fileName: 'Dateiname',
    mediaType: 'Medientyp',
    size: 'Größe',
    uploader: 'Hochgeladen von',
    caseNumber: 'Unser Fall',
    file: 'Datei',
    passage: 'Stelle',
    inCopy: 'In der Kopie',
    inRecording: 'In der Aufnahme',
    change: 'Veränderung',
    storage: 'Ort der Speicherung',
    notes: 'Weitere Hinweise',
    kind: 'Art',
    captured: 'Gesichert (UTC)',
    held: 'Aufbewahrt',
    documentHash: 'SHA-256 dieser Meldung als Dokument',
    signature: 'Unterschrift',
    signed: 'Unterzeichnet (UTC)',
  },
  basis: {
    owner: 'Inhaber des Rechts am Tonträger',
    exclusive_licensee: 'ausschließlicher Lizenznehmer des Rechts am Tonträger',
    agent: 'bevollmächtigter Vertreter des Inhabers des Rechts am Tonträger',
  },
  statements: {
    good_faith: 'Guter Glaube',
    accuracy: 'Richtigkeit',
    authority: 'Berechtigung',
    dsa_bona_fide: 'Richtigkeit und Vollständigkeit',
    in_not_s52: 'Keine erlaubte Nutzung',
    in_suit_undertaking_21d: 'Verpflichtung',
  },
  changes: { none: 'keine', speed: 'Geschwindigkeit', pitch: 'Tonhöhe', tempo: 'Tempo' },
  found: ({ location, work, confidence, ofRecording, ofCopy }) =>
    `${location} enthält ${work}: Übereinstimmung des Audio-Fingerabdrucks, Sicherheit ${confidence}; ` +
    `${ofRecording} der Aufnahme, ${ofCopy} der Kopie.`,
  passage: (inCopy, inRecording) => `${inCopy} der Kopie = ${inRecording} der Aufnahme`,
  morePassages: (count) => `und ${count} weitere ${count === 1 ? 'Stelle' : 'Stellen'}`,
  explanation: 'Begründung des Absenders',
  noLicence: 'Dem Absender liegt keine Lizenz für diese Kopien vor.',
  exceptions: (reviewer, at, locations) =>
    `Ausnahmen und Schranken des Urheberrechts wurden am ${at} von einer Person geprüft, ${reviewer} (${locations}); ` +
    'keine trifft zu.',
  request:
    'Bitte entfernen Sie die oben genannten Kopien unverzüglich oder sperren Sie den Zugang zu ihnen, treffen Sie ' +
    'geeignete Maßnahmen gegen ihre Rückkehr und teilen Sie uns Ihre Entscheidung mit.',
  requestIndia:
    'Nach rule 75 ist der Zugang binnen 36 Stunden zu sperren; uns ist bekannt, dass er nach 21 Tagen ' +
    'wiederhergestellt werden darf, wenn keine gerichtliche Anordnung vorgelegt wird.',
  replyWith: (number) => `Bitte antworten Sie an diese Adresse und lassen Sie [${number}] im Betreff stehen.`,
  open: 'OFFEN: abzugeben von einer zeichnungsberechtigten Person',
  yes: 'ja',
  no: 'nein',
  bytes: (count) => `${count} Bytes`,
  urlsAttached: (fileName) => `Alle Adressen sind als ${fileName} beigefügt.`,
  place: (index, count) => `${index} von ${count}`,
  page: (page, pages) => `Seite ${page} von ${pages}`,
  reminder: ({ reminder, number, sentAt }) =>
    `Dies ist die ${reminder}. Erinnerung an unsere Urheberrechtsmeldung ${number}` +
    `${sentAt ? `, gesendet am ${sentAt}` : ''}. Uns ist nicht bekannt, dass die folgenden Kopien entfernt wurden.`,
  reminderRequest:
    'Bitte folgen Sie der Meldung oder teilen Sie uns mit, warum Sie es nicht tun. Sie folgt im vollen Wortlaut.',
  retraction: (number, sentAt) =>
    `Wir nehmen unsere Urheberrechtsmeldung ${number}${sentAt ? `, gesendet am ${sentAt},` : ''} für die folgenden ` +
    'Fundstellen zurück.',
  retractionRequest:
    'Falls Sie wegen dieser Meldung etwas entfernt oder gesperrt haben, stellen Sie es bitte wieder her, rechnen Sie ' +
    'die Meldung dem betroffenen Konto nicht an und geben Sie diese Rücknahme an alle weiter, denen Sie die Meldung ' +
    'weitergegeben haben.',
  reason: 'Grund',
  yourNumbers: 'Ihr Zeichen',
  concerned: 'Betroffene Fundstellen',
  original: 'Die Meldung, wie sie gesendet wurde',
}
