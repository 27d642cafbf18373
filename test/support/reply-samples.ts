/** A plain mail, as a recipient writes it. */
export function mail(given: {
  from?: string
  to?: string
  subject?: string
  text?: string
  messageId?: string
  inReplyTo?: string
  headers?: Readonly<Record<string, string>>
}): Buffer {
  const headers: Record<string, string> = {
    From: given.from ?? 'Abuse desk <abuse@hosting.example>',
    To: given.to ?? 'notices@replies.example',
    Subject: given.subject ?? 'Your notice',
    'Message-ID': `<${given.messageId ?? `${Math.random().toString(36).slice(2)}@hosting.example`}>`,
    'Content-Type': 'text/plain; charset=utf-8',
    ...(given.inReplyTo && { 'In-Reply-To': `<${given.inReplyTo}>` }),
    ...given.headers,
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${head.join('')}MIME-Version: 1.0\r\n\r\n${given.text ?? ''}`)
}

/** A report about delivery (RFC 3464) with the head of the message that it is about. */
export function bounceMail(given: {
  action: string
  status: string
  originalMessageId?: string
  returned?: 'message/rfc822' | 'text/rfc822-headers'
  /** The action of a second recipient. */
  further?: string
}): Buffer {
  const recipient = (action: string, status: string, address: string) =>
    `Final-Recipient: rfc822; ${address}\r\nAction: ${action}\r\nStatus: ${status}\r\n` +
    `Diagnostic-Code: smtp; 550 ${status}\r\n no such mailbox\r\n\r\n`
  const text =
    `--r\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n` +
    `--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.hosting.example\r\n\r\n` +
    recipient(given.action, given.status, 'abuse@hosting.example') +
    (given.further ? recipient(given.further, '5.0.0', 'other@hosting.example') : '') +
    `--r\r\nContent-Type: ${given.returned ?? 'message/rfc822'}\r\n\r\n` +
    `Message-ID: <${given.originalMessageId ?? 'own@replies.example'}>\r\nSubject: notice\r\n\r\n--r--\r\n`
  return mail({
    from: 'Mail Delivery System <MAILER-DAEMON@mx.hosting.example>',
    subject: 'Undelivered Mail Returned to Sender',
    headers: { 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=r' },
    text,
  })
}

/** A mail with an XML file. */
export const acnsMail = (xml: string): Buffer =>
  mail({
    subject: 'ACNS',
    headers: { 'Content-Type': 'multipart/mixed; boundary=m' },
    text:
      `--m\r\nContent-Type: text/plain\r\n\r\nsee below\r\n` +
      `--m\r\nContent-Type: application/xml; name=answer.xml\r\nContent-Transfer-Encoding: base64\r\n\r\n` +
      `${Buffer.from(xml).toString('base64')}\r\n--m--\r\n`,
  })
