import { describe, expect, test } from 'vitest'

import { mayCrawl, readRobots } from '../../services/openers/robots.ts'

const agent = 'Earwitness/1.0 (+https://earwitness.example)'

describe('robots.txt', () => {
  test.each([
    ['', '/a', true],
    ['User-agent: *\nDisallow: /', '/a', false],
    ['User-agent: *\nDisallow:', '/a', true],
    ['User-agent: other\nDisallow: /', '/a', true],
    ['User-agent: *\nDisallow: /\n\nUser-agent: earwitness\nAllow: /', '/a', true],
    ['User-agent: EARWITNESS\r\nDisallow: /private', '/private/1', false],
    ['User-agent: *\nDisallow: /\nAllow: /songs', '/songs/1', true],
    ['User-agent: *\nDisallow: /*.mp3$', '/a/b.mp3', false],
    ['User-agent: *\nDisallow: /*.mp3$', '/a/b.mp3?x', true],
    ['User-agent: *\nDisallow: /%C3%BC', '/ü', false],
    ['<html>no robots here</html>', '/a', true],
  ])('%j about %s: %s', (text, path, expected) => {
    expect(mayCrawl(text, agent, `https://blog.example${path}`)).toBe(expected)
  })

  test('holds for its own site alone', () => {
    const robots = readRobots('', 'https://blog.example/robots.txt', agent)
    expect(robots.mayCrawl('https://blog.example/a')).toBe(true)
    expect(robots.mayCrawl('https://elsewhere.example/a')).toBe(false)
    expect(robots.mayCrawl('http://blog.example/a')).toBe(false)
  })

  test.each([
    ['Crawl-delay: 2.5', 2_500],
    ['Crawl-delay: 86400', 60_000],
    ['Crawl-delay: -1', undefined],
    ['Crawl-delay: soon', undefined],
    ['', undefined],
  ])('%j asks for pauses of %s ms', (line, delayMs) => {
    expect(readRobots(`User-agent: *\n${line}`, 'https://blog.example/robots.txt', agent).delayMs).toBe(
      delayMs,
    )
  })

  test('that would take long to follow is followed by staying away', () => {
    const path = `https://blog.example/${'a'.repeat(2_000)}`
    for (const rule of [
      `Disallow: /${'*a'.repeat(1_000)}b\n`,
      `Disallow: /*${'a*'.repeat(100)}b\n`.repeat(2_000),
    ]) {
      const began = performance.now()
      expect(mayCrawl(`User-agent: *\n${rule}`, agent, path)).toBe(false)
      expect(performance.now() - began).toBeLessThan(2_000)
    }
  })
})
