import type { Words } from './words.ts'

/** A notice in Spanish. */
export const spanish: Words = {
  titles: {
    notice: 'Notificación de derechos de autor',
    reminder: 'Recordatorio',
    retraction: 'Retirada de una notificación de derechos de autor',
  },
  urlsOn: (urls, host) => `${urls} URL en ${host}`,
  to: (role, name) => `A ${name}, ${role}`,
  roles: {
    platform: 'departamento de derechos de autor',
    designated_agent: 'agente designado (designated agent)',
    hosting: 'servicio de abusos',
    network: 'servicio de abusos',
    cdn: 'servicio de abusos',
    registrar: 'contacto de abusos',
    registry: 'contacto de abusos',
    search_engine: 'departamento de derechos de autor',
  },
  law: 'Base jurídica',
  regimes: {
    US_512C: '17 U.S.C. § 512(c)(3) (Estados Unidos)',
    US_512D: '17 U.S.C. § 512(d)(3) (Estados Unidos)',
    EU_DSA_16: 'artículo 16 del Reglamento (UE) 2022/2065 (Reglamento de Servicios Digitales)',
    UK_ECR_22: 'regulation 22 de las Electronic Commerce (EC Directive) Regulations 2002 (Reino Unido)',
    IN_RULE_75: 'section 52(1)(c) de la Copyright Act, 1957 y rule 75 de las Copyright Rules, 2013 (India)',
    GENERIC: 'la legislación de derechos de autor aplicable al destinatario',
  },
  sections: {
    sender: 'Remitente',
    holder: 'Titular de los derechos',
    works: 'Obras',
    locations: 'Ubicaciones',
    reasons: 'Por qué las copias son ilícitas',
    statements: 'Declaraciones',
    request: 'Solicitud',
    evidence: 'Pruebas',
  },
  labels: {
    number: 'Notificación',
    version: 'Versión',
    issued: 'Emitida (UTC)',
    supersedes: 'Sustituye a la versión',
    host: 'Host',
    name: 'Nombre',
    contact: 'Persona de contacto',
    address: 'Dirección',
    phone: 'Teléfono',
    email: 'Correo electrónico',
    replyTo: 'Responder a',
    holder: 'Titular de los derechos',
    actsAs: 'El remitente actúa como',
    mandate: 'Documento archivado, SHA-256',
    territories: 'Territorios',
    valid: 'Vigencia',
    work: 'Obra',
    release: 'Publicación',
    label: 'Sello',
    registration: 'Registro (EE. UU.)',
    lawfulCopy: 'Oferta lícita',
    length: 'Duración',
    location: 'Ubicación',
    page: 'Hallado en la página',
    observed: 'Observado (UTC)',
    ipAddress: 'Dirección IP',
    fileName: 'Nombre del archivo',
    mediaType: 'Tipo de medio',
    size: 'Tamaño',
    uploader: 'Subido por',
    caseNumber: 'Nuestro caso',
    file: 'Archivo',
    passage: 'Pasaje',
    inCopy: 'En la copia',
    inRecording: 'En la grabación',
    change: 'Cambio',
    storage: 'Lugar de almacenamiento',
    notes: 'Otras observaciones',
    kind: 'Clase',
    captured: 'Capturado (UTC)',
    held: 'Conservado',
    documentHash: 'SHA-256 de esta notificación como documento',
    signature: 'Firma',
    signed: 'Firmado (UTC)',
  },
  basis: {
    owner: 'titular del derecho sobre la grabación sonora',
    exclusive_licensee: 'licenciatario exclusivo del derecho sobre la grabación sonora',
    agent: 'representante autorizado del titular del derecho sobre la grabación sonora',
  },
  statements: {
    good_faith: 'Buena fe',
    accuracy: 'Exactitud',
    authority: 'Autorización',
    dsa_bona_fide: 'Exactitud y exhaustividad',
    in_not_s52: 'Ningún acto permitido',
    in_suit_undertaking_21d: 'Compromiso',
  },
  changes: { none: 'ninguno', speed: 'velocidad', pitch: 'tono', tempo: 'tempo' },
  found: ({ location, work, confidence, ofRecording, ofCopy }) =>
    `${location} contiene ${work}: coincidencia de huella de audio, confianza ${confidence}; ` +
    `${ofRecording} de la grabación, ${ofCopy} de la copia.`,
  passage: (inCopy, inRecording) => `${inCopy} de la copia = ${inRecording} de la grabación`,
  morePassages: (count) => `y ${count} ${count === 1 ? 'pasaje más' : 'pasajes más'}`,
  explanation: 'Explicación del remitente',
  noLicence: 'Al remitente no le consta ninguna licencia para estas copias.',
  exceptions: (reviewer, at, locations) =>
    `Una persona, ${reviewer}, examinó las excepciones y limitaciones de los derechos de autor el ${at} ` +
    `(${locations}); ninguna es aplicable.`,
  request:
    'Les rogamos que retiren sin demora las copias indicadas arriba o bloqueen el acceso a ellas, tomen medidas ' +
    'adecuadas contra su reaparición y nos comuniquen su decisión.',
  requestIndia:
    'Según la rule 75, el acceso debe bloquearse en 36 horas; sabemos que puede restablecerse a los 21 días si no se ' +
    'presenta una orden judicial.',
  replyWith: (number) => `Les rogamos que respondan a esta dirección y conserven [${number}] en el asunto.`,
  open: 'PENDIENTE: a cargo de una persona autorizada a firmar',
  yes: 'sí',
  no: 'no',
  bytes: (count) => `${count} bytes`,
  urlsAttached: (fileName) => `Todas las direcciones se adjuntan en ${fileName}.`,
  place: (index, count) => `${index} de ${count}`,
  page: (page, pages) => `página ${page} de ${pages}`,
  reminder: ({ reminder, number, sentAt }) =>
    `Este es el recordatorio ${reminder} de nuestra notificación de derechos de autor ${number}` +
    `${sentAt ? `, enviada el ${sentAt}` : ''}. No nos consta que se hayan retirado las copias siguientes.`,
  reminderRequest:
    'Les rogamos que atiendan la notificación o nos digan por qué no lo hacen. Se reproduce íntegra a continuación.',
  retraction: (number, sentAt) =>
    `Retiramos nuestra notificación de derechos de autor ${number}${sentAt ? `, enviada el ${sentAt},` : ''} respecto ` +
    'de las ubicaciones siguientes.',
  retractionRequest:
    'Si retiraron estos contenidos o bloquearon el acceso a causa de esa notificación, les rogamos que los ' +
    'restablezcan, no la computen en contra de la cuenta afectada y comuniquen esta retirada a todos aquellos a ' +
    'quienes la transmitieron.',
  reason: 'Motivo',
  yourNumbers: 'Su referencia',
  concerned: 'Ubicaciones afectadas',
  original: 'La notificación tal como se envió',
}
