import { openCue } from '../../services/openers/cue.ts'
import { openDash } from '../../services/openers/dash.ts'
import { openFeed } from '../../services/openers/feed.ts'
import { openHls } from '../../services/openers/hls.ts'
import { openHtml } from '../../services/openers/html.ts'
import { openM3u } from '../../services/openers/m3u.ts'
import { openMagnet } from '../../services/openers/magnet.ts'
import { openMail, openMailbox } from '../../services/openers/mail.ts'
import { openOembed } from '../../services/openers/oembed.ts'
import type { Opener } from '../../services/openers/opener.ts'
import { openPls } from '../../services/openers/pls.ts'
import { openTorrent } from '../../services/openers/torrent.ts'
import { openUrlList } from '../../services/openers/url-list.ts'
import { openXspf } from '../../services/openers/xspf.ts'

/** Whole documents of one kind, from which changed ones are made. */
export interface PageSeeds {
  readonly name: string
  readonly opener: Opener
  readonly seeds: () => readonly Uint8Array[]
}

const texts =
  (...documents: readonly string[]) =>
  (): readonly Uint8Array[] =>
    documents.map((text) => Buffer.from(text))

const page = `<!doctype html><html><head><base href="https://blog.example/"><meta charset="utf-8"><title>Sample</title>
<meta property="og:audio" content="/og.mp3"><meta property="og:image" content="/c.jpg"><meta http-equiv="refresh" content="5; url=/next">
<link rel="alternate" type="application/rss+xml" href="/feed" title="All"><link rel="alternate" type="application/json+oembed" href="/o">
<script type="application/ld+json">{"@graph":[{"@type":"MusicRecording","name":"One","url":"/one","image":["/i.png"],
"audio":{"@type":"AudioObject","contentUrl":"/a.mp3","embedUrl":"https://p.example/e/1#t=31"}}]}</script></head>
<body><audio src="/1.mp3" data-start="31"></audio><video poster="/p.jpg"><source src="/v.m3u8" type="application/x-mpegURL">
<track src="/w.vtt"></video><iframe src="https://p.example/embed/1?start=61" srcdoc="<audio src='/s.mp3'>"></iframe>
<object data="/o.swf"></object><div data-setup='{"sources":[{"src":"https:\\/\\/h.example\\/live.mpd"}]}' itemprop="contentUrl"></div>
<a href="/z.zip" download>Album</a><a href="magnet:?xt=urn:btih:abc&amp;dn=Album&amp;xl=5">m</a><a href="/2">Two</a>
<script>player({"file":"https:\\u002F\\u002Fh.example\\u002Fx.mp3"})</script></body></html>`

const rss = `<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:itunes="urn:i" xmlns:media="urn:m"><channel>
<title>Pod</title><itunes:image href="https://pod.example/c.jpg"/><item><title>One &amp; two</title><link>https://pod.example/1</link>
<enclosure url="https://pod.example/1.mp3" type="audio/mpeg" length="5"/><media:group><media:content url="https://pod.example/1.mp4"/>
</media:group><description><![CDATA[<a href="https://pod.example/1.zip">zip</a>]]></description></item></channel></rss>`
const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title><link href="https://pod.example/1"/>
<link rel="enclosure" type="audio/ogg" href="https://pod.example/1.ogg"/><content type="html">&lt;audio src="/a.mp3"&gt;</content></entry></feed>`

const main = `#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English, loud",URI="https://cdn.example/en.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=300000,CODECS="avc1.4d401e,mp4a.40.2",AUDIO="a"
https://cdn.example/low.m3u8
`
const segments = `#EXTM3U
#EXT-X-MAP:URI="https://cdn.example/init.mp4",BYTERANGE="100@0"
#EXTINF:6.006,
#EXT-X-BYTERANGE:500@100
https://cdn.example/all.mp4
#EXT-X-KEY:METHOD=AES-128,URI="https://cdn.example/key"
#EXTINF:6,
https://cdn.example/2.mp4
#EXT-X-ENDLIST
`
const manifest = `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT1M0.5S">
<BaseURL>https://cdn.example/</BaseURL><Period><AdaptationSet contentType="audio" lang="en">
<SegmentTemplate timescale="1000" initialization="$RepresentationID$/i" media="$RepresentationID$/$Number%03d$-$Time$">
<SegmentTimeline><S t="0" d="4000" r="5"/><S d="2000" r="-1"/></SegmentTimeline></SegmentTemplate>
<Representation id="a" bandwidth="64000"/></AdaptationSet><AdaptationSet mimeType="audio/mp4"><ContentProtection/>
<Representation id="b" bandwidth="1"><BaseURL>b.mp4</BaseURL><SegmentList duration="5"><Initialization range="0-99"/>
<SegmentURL mediaRange="100-199"/></SegmentList></Representation></AdaptationSet></Period></MPD>`

const xspf = `<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track>
<location>https://files.example/1.mp3</location><creator>Band</creator><title>One</title><duration>61500</duration>
<image>https://files.example/c.jpg</image></track><track><title>Two</title></track></trackList></playlist>`
const cue = `PERFORMER "Band"\r\nFILE "side a.flac" WAVE\r\n  TRACK 01 AUDIO\r\n    TITLE "One"\r\n    INDEX 01 00:02:00\r
  TRACK 02 AUDIO\r\n    TITLE "Two"\r\n    INDEX 01 04:05:37\r\n`

const torrent =
  'd8:announce19:udp://tracker:80/ann4:infod5:filesld6:lengthi5e4:pathl3:CD16:01.mp3eed6:lengthi3e4:pathl9:cover.jpgeee' +
  '4:name5:Album12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee'
const torrent2 =
  'd4:infod9:file treed3:CD1d6:01.mp3d0:d6:lengthi5e11:pieces root4:aaaaeeee12:meta versioni2e4:name5:Albumee'
const magnets =
  'magnet:?xt=urn:btih:ABCDEF&dn=An+album&xl=123&kt=band+album&tr=udp%3A%2F%2Ft.example\nmagnet:?xt=urn:btih:1\n'

const sheet = `Song,Link,Other
One,https://files.example/1,
"Two, too","https://files.example/a,b",hxxps://files[.]example/2.mp3
* [Three](https://files.example/3_(live)) and magnet:?xt=urn:btih:a&dn=Four`
const mail = `From: Fan <fan@mail.example>\r\nSubject: Heard\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r
--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhttps://files.example/1\r\n--b\r\nContent-Type: text/html\r\n\r
<a href="https://files.example/2">Two</a>\r\n--b\r\nContent-Type: audio/mpeg; name="=?utf-8?q?One?=.mp3"\r
Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nYSBzYW1wbGU=\r\n--b\r\nContent-Type: message/rfc822\r\n\r
From: a@b.example\r\nSubject: x\r\n\r\nhttps://files.example/3\r\n--b--\r\n`
const mailbox = `From fan@mail.example Thu Jan  1 00:00:00 2026\n${mail}\nFrom fan@mail.example Thu Jan  1 00:00:01 2026\n${mail}`

/** Documents that are whole, by what opens them: pages, lists, streams, torrents and mails. */
export const pageSeeds: readonly PageSeeds[] = [
  { name: 'html', opener: openHtml, seeds: texts(page) },
  { name: 'feed', opener: openFeed, seeds: texts(rss, atom) },
  {
    name: 'oembed',
    opener: openOembed,
    seeds: texts(
      '{"version":"1.0","type":"rich","title":"One","html":"<iframe src=https://p.example/1></iframe>"}',
    ),
  },
  { name: 'hls', opener: openHls, seeds: texts(main, segments) },
  { name: 'dash', opener: openDash, seeds: texts(manifest) },
  {
    name: 'm3u',
    opener: openM3u,
    seeds: texts(
      '#EXTM3U\r\n#EXTINF:123,Band - One\r\nhttps://files.example/1.mp3\r\nC:\\Music\\Two.mp3\r\n',
    ),
  },
  {
    name: 'pls',
    opener: openPls,
    seeds: texts('[playlist]\nFile1=https://files.example/1.mp3\nTitle1=One\nLength1=90\nFile2=E:\\2.wav\n'),
  },
  { name: 'xspf', opener: openXspf, seeds: texts(xspf) },
  { name: 'cue', opener: openCue, seeds: texts(cue) },
  { name: 'torrent', opener: openTorrent, seeds: texts(torrent, torrent2) },
  { name: 'magnet', opener: openMagnet, seeds: texts(magnets) },
  { name: 'url-list', opener: openUrlList, seeds: texts(sheet) },
  { name: 'mail', opener: openMail, seeds: texts(mail) },
  { name: 'mailbox', opener: openMailbox, seeds: texts(mailbox) },
]
