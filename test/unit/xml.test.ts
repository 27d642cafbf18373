import { describe, expect, test } from 'vitest'

import {
  readXml,
  textAt,
  XML_BYTES_MAX,
  type XmlElement,
  type XmlFault,
} from '../../services/catalog/import/ddex/xml.ts'
import { inPieces } from '../support/mutate.ts'

/** Reads a document and takes every child of the root whole. */
async function read(
  document: Buffer | string,
  pieceLength = 7,
): Promise<{ fault: XmlFault | undefined; elements: readonly XmlElement[] }> {
  const elements: XmlElement[] = []
  const fault = await readXml(inPieces(document, pieceLength), {
    opens: (_, depth) => (depth === 0 ? 'enter' : 'whole'),
    complete: (element) => void elements.push(element),
  })
  return { fault, elements }
}

describe('elements', () => {
  test('come whole, with the line where their tag begins, whatever the pieces', async () => {
    const document =
      '<?xml version="1.0"?>\r\n<m:root xmlns:m="urn:m"\n  kind="a">\n  <one\n    id="1"> a <b>x</b>\n  c </one>\n<two/></m:root>'
    for (const pieceLength of [1, 7, 1_000]) {
      const { fault, elements } = await read(document, pieceLength)
      expect(fault).toBeUndefined()
      expect(elements.map(({ name, line }) => `${name} ${line}`)).toEqual(['one 4', 'two 7'])
      const [one] = elements
      expect(one?.attributes.get('id')).toBe('1')
      expect(one?.text).toBe('a c')
      expect(textAt(one, 'b')).toBe('x')
    }
  })

  test('have namespaces, and local names', async () => {
    const { elements } = await read('<a xmlns="urn:a" xmlns:b="urn:b"><b:c b:d="1"/><e/></a>')
    expect(elements.map(({ name, namespace }) => `${namespace} ${name}`)).toEqual(['urn:b c', 'urn:a e'])
    expect([...(elements[0]?.attributes ?? [])]).toEqual([['d', '1']])
  })

  test('have the five entities of XML and character references in their text', async () => {
    const { elements } = await read(
      '<a><b c="&quot;&#x41;">&lt;&amp;&gt;&apos;&#8471;<![CDATA[ <x> ]]></b></a>',
    )
    expect(elements[0]?.text).toBe("<&>'℗ <x>")
    expect(elements[0]?.attributes.get('c')).toBe('"A')
  })

  test('are not read further when the receiver has enough', async () => {
    let opened = 0
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from('<a>')
      for (;;) yield Buffer.from('<b/>'.repeat(100))
    }
    const fault = await readXml(endless(), {
      opens: (_, depth) => (depth === 0 ? 'enter' : ++opened < 1_000 ? 'skip' : 'stop'),
      complete: () => undefined,
    })
    expect([fault, opened]).toEqual([undefined, 1_000])
  })
})

describe('encodings', () => {
  test.each([
    ['utf-8 with a byte order mark', Buffer.from('\uFEFF<a><b>Ü</b></a>')],
    ['utf-16 little-endian', Buffer.from('\uFEFF<a><b>Ü</b></a>', 'utf16le')],
    [
      'latin-1 as declared',
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a><b>Ü</b></a>', 'latin1'),
    ],
  ])('%s', async (_, document) => {
    const { fault, elements } = await read(document)
    expect([fault, elements[0]?.text]).toEqual([undefined, 'Ü'])
  })

  test('bytes that are no characters spoil the text they stand in and no other', async () => {
    const document = Buffer.from('<a><b>X</b><b>good</b></a>')
    document[6] = 0xff
    const { fault, elements } = await read(document)
    expect([fault, elements.map(({ text }) => text)]).toEqual([undefined, ['\uFFFD', 'good']])
  })

  test('one that nobody knows is a fault', async () => {
    const { fault } = await read('<?xml version="1.0" encoding="klingon"?><a/>')
    expect(fault).toMatchObject({ line: 1, code: 'encoding' })
  })
})

describe('refused', () => {
  test.each([
    ['an element that is not closed', '<a>\n<b>\n</a>', 3, 'syntax'],
    ['a document that is cut off', '<a>\n<b>\n', 3, 'syntax'],
    ['two roots', '<a/>\n<b/>', 2, 'syntax'],
    ['nothing', '', 1, 'syntax'],
    ['no XML', 'title,artist', 1, 'syntax'],
    ['a prefix without namespace', '<a>\n<x:b/></a>', 2, 'syntax'],
    ['an entity of its own', '<a>\n&lol;</a>', 2, 'syntax'],
    ['an entity named like a property', '<a>\n&constructor;</a>', 2, 'syntax'],
    ['a document type', '<?xml version="1.0"?>\n<!DOCTYPE a [\n<!ENTITY b "c">\n]>\n<a/>', 2, 'syntax'],
    ['a document type from elsewhere', '\n<!DOCTYPE a SYSTEM "file:///etc/passwd">\n<a/>', 2, 'syntax'],
    ['elements too deep in each other', '<a>'.repeat(65), 1, 'limit'],
    [
      'too many attributes',
      `<a>\n<b ${Array.from({ length: 65 }, (_, i) => `c${i}="1"`).join(' ')}/></a>`,
      2,
      'limit',
    ],
    ['text that is too long', `<a><b>${'x'.repeat(65_537)}</b></a>`, 1, 'limit'],
    ['an attribute that is too long', `<a><b c="${'x'.repeat(65_537)}"/></a>`, 1, 'limit'],
    ['a prologue without end', `<!--${'x'.repeat(200_000)}`, 1, 'limit'],
  ])('%s', async (_, document, line, code) => {
    const { fault } = await read(document, 10_000)
    expect(fault).toMatchObject({ line, code })
    expect(fault?.message).toMatch(/^\S.{5,120}$/)
  })

  test('a file that is too large, without reading it to its end', async () => {
    let pieces = 0
    async function* huge(): AsyncGenerator<Buffer> {
      yield Buffer.from('<a>')
      for (; pieces < 10; pieces += 1) yield Buffer.alloc(XML_BYTES_MAX, ' ')
    }
    const fault = await readXml(huge(), {
      opens: (_, depth) => (depth === 0 ? 'enter' : 'skip'),
      complete: () => undefined,
    })
    expect(fault?.code).toBe('limit')
    expect(pieces).toBe(0)
  })
})
