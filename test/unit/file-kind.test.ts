import { describe, expect, test } from 'vitest'

import { detectFileKind, FILE_HEAD_BYTES } from '../../services/submissions/file-kind.ts'

/** A file's beginning: text with one character for each byte, padded with zeros. */
const head = (latin1: string, bytes = 600): Uint8Array =>
  Buffer.concat([Buffer.from(latin1, 'latin1'), Buffer.alloc(Math.max(0, bytes - latin1.length))])

/** Frames that follow each other, each of its full length. */
const frames = (header: string, bytes: number, count = 2): string =>
  (header + '\xaa'.repeat(bytes - header.length)).repeat(count)

const id3 = (bytes: number): string =>
  `ID3\x04\0\0\0\0${String.fromCharCode(bytes >> 7, bytes & 127)}${'\0'.repeat(bytes)}`

const mpeg1 = frames('\xff\xfb\x90\x00', 417) // Layer 3, 128 kbit/s, 44.1 kHz
const oggPage = (packet: string): string => `OggS\0\x02${'\0'.repeat(20)}\x01\x1e${packet}`

describe('detectFileKind', () => {
  test.each([
    ['MP3, MPEG 1', mpeg1, 'audio', 'mp3'],
    ['MP3, MPEG 2', frames('\xff\xf3\x40\xc0', 104), 'audio', 'mp3'],
    ['MP3 after a tag', id3(300) + mpeg1, 'audio', 'mp3'],
    ['MP3 behind a tag larger than the head', `ID3\x03\0\0\0\x10\0\0`, 'audio', 'mp3'],
    ['MP3 after zeros', '\0'.repeat(100) + mpeg1, 'audio', 'mp3'],
    ['AAC', frames('\xff\xf1\x50\x80\x04\x1f\xfc', 32), 'audio', 'aac-adts'],
    ['AAC after a tag', id3(20) + frames('\xff\xf1\x50\x80\x04\x1f\xfc', 32), 'audio', 'aac-adts'],
    ['FLAC', 'fLaC\0\0\0\x22', 'audio', 'flac'],
    ['FLAC after a tag', `${id3(20)}fLaC`, 'audio', 'flac'],
    ['Ogg Vorbis', oggPage('\x01vorbis'), 'audio', 'ogg-vorbis'],
    ['Ogg Opus', oggPage('OpusHead'), 'audio', 'ogg-opus'],
    ['Ogg FLAC', oggPage('\x7fFLAC\x01'), 'audio', 'ogg-flac'],
    ['Ogg Theora with Vorbis', oggPage('\x80theora') + oggPage('\x01vorbis'), 'video', 'ogg-theora'],
    ['Ogg of something else', oggPage('fishead'), 'audio-or-video', 'ogg'],
    ['WAV', 'RIFF\x24\0\0\0WAVEfmt ', 'audio', 'wav'],
    ['WAV of more than 4 GB', 'RF64\xff\xff\xff\xffWAVEds64', 'audio', 'wav'],
    ['AIFF', 'FORM\0\0\0\x2eAIFFCOMM', 'audio', 'aiff'],
    ['AIFF-C', 'FORM\0\0\0\x2eAIFCFVER', 'audio', 'aiff'],
    ['CAF', 'caff\0\x01\0\0desc', 'audio', 'caf'],
    ['AU', '.snd\0\0\0\x18', 'audio', 'au'],
    ['WavPack', 'wvpk\x20\0\0\0', 'audio', 'wavpack'],
    ["Monkey's Audio 3.99", 'MAC \x96\x0f\0\0', 'audio', 'ape'],
    ['AC-3', '\x0b\x77\x12\x34', 'audio', 'ac3'],
    ['M4A', '\0\0\0\x20ftypM4A \0\0\0\0', 'audio', 'm4a'],
    ['MP4', '\0\0\0\x20ftypisom\0\0\x02\0', 'audio-or-video', 'mp4'],
    ['QuickTime', '\0\0\0\x14ftypqt  ', 'audio-or-video', 'mov'],
    ['QuickTime before ftyp', '\0\0\0\x08wide\0\0\x10\0mdat', 'audio-or-video', 'mov'],
    ['WebM', '\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm', 'audio-or-video', 'webm'],
    ['Matroska', '\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska', 'audio-or-video', 'matroska'],
    ['Windows Media', '\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9', 'audio-or-video', 'asf'],
    ['AVI', 'RIFF\0\0\0\x01AVI LIST', 'video', 'avi'],
    ['MPEG transport stream', frames('G\x40\x11\x10', 188, 3), 'audio-or-video', 'mpeg-ts'],
    ['JPEG', '\xff\xd8\xff\xe0\0\x10JFIF', 'image', 'jpeg'],
    ['PNG', '\x89PNG\r\n\x1a\n', 'image', 'png'],
    ['GIF', 'GIF89a', 'image', 'gif'],
    ['WebP', 'RIFF\0\0\0\x01WEBPVP8 ', 'image', 'webp'],
    ['AVIF', '\0\0\0\x20ftypavif', 'image', 'avif'],
    ['PDF', '%PDF-1.7\n', 'unknown', 'pdf'],
    ['ZIP', 'PK\x03\x04\x14\0', 'archive', 'zip'],
    ['ZIP without files', 'PK\x05\x06\0\0', 'archive', 'zip'],
    ['RAR', 'Rar!\x1a\x07\x01\0', 'archive', 'rar'],
    ['7z', '7z\xbc\xaf\x27\x1c\0\x04', 'archive', '7z'],
    ['gzip', '\x1f\x8b\x08\0', 'archive', 'gzip'],
    ['zstd', '\x28\xb5\x2f\xfd', 'archive', 'zstd'],
    ['tar', `${'song.mp3'.padEnd(257, '\0')}ustar\x0000`, 'archive', 'tar'],
    ['torrent', 'd8:announce35:http://tracker.example/announce4:infod6:lengthi1e', 'torrent', 'torrent'],
    ['torrent without tracker', 'd4:infod6:lengthi1e4:name1:x6:pieces20:\xff\xfe\xfd', 'torrent', 'torrent'],
  ] as const)('%s', (_name, bytes, kind, format) => {
    expect(detectFileKind(head(bytes))).toMatchObject({ kind, format })
  })

  test.each([
    ['<!DOCTYPE html><html>', 'html', 'html'],
    ['\n  <!-- hello --><HTML lang="en">', 'html', 'html'],
    ['<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0">', 'html', 'html'],
    ['\ufeff<html>', 'html', 'html'],
    ['<?xml version="1.0"?><ern:NewReleaseMessage>', 'text', 'xml'],
    ['<rss version="2.0">', 'text', 'rss'],
    [
      '<?xml version="1.0"?>\n<!-- a <b> -->\n<?xml-stylesheet href="a.xsl"?><rss version="2.0">',
      'text',
      'rss',
    ],
    ['<!DOCTYPE rss PUBLIC "-//Sample//DTD" "http://dtd.example/rss.dtd">\n<rss>', 'text', 'rss'],
    ['<rdf:RDF xmlns:rdf="urn:rdf" xmlns="http://purl.org/rss/1.0/">', 'text', 'rss'],
    ['<rdf:RDF xmlns:rdf="urn:rdf">', 'text', 'xml'],
    ['<feed xmlns="http://www.w3.org/2005/Atom">', 'text', 'atom'],
    ['<?xml version="1.0"?><playlist version="1">', 'text', 'xspf'],
    ['<MPD type="static">', 'text', 'dash'],
    ['<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', 'html', 'html'],
    ['{"title": "x"}', 'text', 'json'],
    ['[{"title": "x"}]', 'text', 'json'],
    ['{"type":"video","version":"1.0","html":"<iframe>"}', 'text', 'oembed'],
    ['{"version": "1.0", "type": "novel"}', 'text', 'json'],
    ['#EXTM3U\n#EXT-X-VERSION:3', 'text', 'hls'],
    ['#EXTM3U\n#EXTINF:12,One\na.mp3', 'text', 'm3u'],
    ['#EXTM3U\n#EXTINF:12,The #EXT-X-files\na.mp3', 'text', 'm3u'],
    ['REM GENRE Pop\nFILE "a.wav" WAVE\n  TRACK 01 AUDIO', 'text', 'cue'],
    ['TITLE page of the book\nand its text', 'text', 'plain'],
    ['magnet:?xt=urn:btih:abc', 'torrent', 'magnet'],
    ['Return-Path: <a@b.example>\r\nFrom: a@b.example\r\nSubject: x\r\n\r\nhttp://a.example', 'text', 'eml'],
    ['From a@b.example Thu Jan  1 00:00:00 2026\nFrom: a@b.example\n\nHello', 'text', 'mbox'],
    ['From the studio: three songs', 'text', 'plain'],
    ['Subject: song list\nOne, two, three', 'text', 'plain'],
    ['Song,Link\nOne,https://files.example/1', 'text', 'url-list'],
    ['* [One](hxxps://files.example/1)', 'text', 'url-list'],
    ['[playlist]\nFile1=a.mp3', 'text', 'pls'],
    ['Just words, with ümlauts: 日本', 'text', 'plain'],
    // Text that begins like a binary format.
    ['MAC addresses of the studio', 'text', 'plain'],
    ['Good songs'.padEnd(376, ' G'), 'text', 'plain'],
    ['the wide world', 'text', 'plain'],
    ['ID3 tags explained', 'text', 'plain'],
    ['dear all', 'text', 'plain'],
    ['[Chorus] la la', 'text', 'plain'],
    ['<3 this song', 'text', 'plain'],
  ] as const)('text: %j', (text, kind, format) => {
    expect(detectFileKind(Buffer.from(text))).toMatchObject({ kind, format })
  })

  test('text in UTF-16 is not taken for MPEG audio, whose sync it begins with', () => {
    expect(detectFileKind(Buffer.from('\ufeffA track list, long enough', 'utf16le'))).toMatchObject({
      kind: 'text',
    })
  })

  test.each([
    ['<html><title>na\xefve', 'html'],
    ['<?xml version="1.0" encoding="iso-8859-1"?><rss><title>na\xefve', 'rss'],
    ['PERFORMER "na\xefve"\r\nFILE "a.mp3" MP3\r\n', 'cue'],
    ['#EXTM3U\r\n#EXTINF:1,na\xefve\r\na.mp3', 'm3u'],
    ['Date: today\nFrom: a@b.example\nMIME-Version: 1.0\n\nna\xefve', 'eml'],
  ])('%j is told in an encoding that is not', (latin1, format) => {
    expect(detectFileKind(Buffer.from(latin1, 'latin1')).format).toBe(format)
  })

  test('a head full of what could begin something is looked at once', () => {
    for (const trap of ['<!--', '<?', '<!doctype ', 'FILE a ', 'a:\n', ' ', '{"version"', 'h', '<a:']) {
      const began = performance.now()
      detectFileKind(Buffer.from(trap.repeat(FILE_HEAD_BYTES / trap.length)))
      detectFileKind(Buffer.from(`TITLE ${trap.repeat(FILE_HEAD_BYTES / trap.length)}`))
      expect(performance.now() - began).toBeLessThan(500)
    }
  })

  test('text that is cut within a character is text', () => {
    expect(detectFileKind(Buffer.from('naïve').subarray(0, 3))).toMatchObject({ kind: 'text' })
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(FILE_HEAD_BYTES)],
    ['a lone MPEG sync', Buffer.from('\xff\xfb\x90\x00 and then something else', 'latin1')],
    ['text in an unknown encoding', Buffer.from('na\xefve', 'latin1')],
    ['a program', Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1')],
  ])('%s is unknown', (_name, bytes) => {
    expect(detectFileKind(bytes)).toMatchObject({ kind: 'unknown', format: 'unknown' })
  })

  test('any beginning of any of a thousand random files has an answer, quickly', () => {
    let seed = 1
    const next = (): number => (seed = Math.imul(seed, 1_103_515_245) + 12_345) >>> 16
    const began = performance.now()
    for (let i = 0; i < 1_000; i += 1) {
      const bytes = Uint8Array.from({ length: next() % 400 }, () => next() & 255)
      expect(['mp3', 'aac-adts']).not.toContain(detectFileKind(bytes).format)
    }
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})
