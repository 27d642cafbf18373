/** Names as a hostile name server would answer them. */
export const inwardNames: Readonly<Record<string, readonly string[]>> = {
  'loopback.test': ['127.0.0.1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'six.test': ['::1'],
  'mixed.test': ['93.184.215.14', '127.0.0.1'],
  'mixed-six.test': ['2606:4700::1111', 'fd00::1'],
  'metadata.test': ['169.254.169.254'],
  'nat64.test': ['64:ff9b::7f00:1'],
  'zone.test': ['fe80::1%lo'],
  'nonsense.test': ['not an address'],
  'other-loopback.test': ['127.0.0.2'],
}

/** Answers as that name server, and of `localhost` as every system does; of all other names nothing is known. */
export const inwardLookup = async (name: string): Promise<readonly string[]> =>
  /(?:^|\.)localhost\.?$/i.test(name) ? ['127.0.0.1', '::1'] : (inwardNames[name] ?? [])

/** `PORT` stands for the port of a server on 127.0.0.1 that counts who connects. */
export const inwardAddresses = [
  'http://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7f.0.0.1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://0177.0x0.0.01:PORT/',
  'http://017700000001:PORT/',
  'http://%31%32%37.0.0.1:PORT/',
  'http://１２７.０.０.１:PORT/',
  'http://①②⑦.⓪.⓪.①:PORT/',
  'http://127。0。0。1:PORT/',
  'http://127.0.0.1\t:PORT/',
  'http:\\\\127.0.0.1:PORT/',
  'http://0:PORT/',
  'http://0.0.0.0:PORT/',
  'http://127.0.0.2:PORT/',
  'http://127.255.255.254:PORT/',
  'http://[::1]:PORT/',
  'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[::]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[64:ff9b::127.0.0.1]:PORT/',
  'http://[64:ff9b:1::7f00:1]:PORT/',
  'http://[2002:7f00:1::]:PORT/',
  'http://[2001:0:7f00:1::]:PORT/',
  'http://[fe80::1]:PORT/',
  'http://[fec0::1]:PORT/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://[ff02::1]/',
  'http://[2001:db8::1]/',
  'http://localhost:PORT/',
  'http://LOCALHOST.:PORT/',
  'http://a.b.localhost:PORT/',
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/latest/meta-data/',
  'http://0xa9fea9fe/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://100.100.100.200/latest/meta-data/',
  'http://168.63.129.16/',
  'http://192.0.0.192/opc/v2/',
  'http://198.18.0.1/',
  'http://203.0.113.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
]

/** What is refused without a look at where it leads. */
export const refusedUrls = [
  'file:///etc/passwd',
  'gopher://127.0.0.1:PORT/_INFO',
  'ftp://127.0.0.1:PORT/',
  'ws://127.0.0.1:PORT/',
  'data:text/plain,hello',
  'unix:/var/run/docker.sock',
  'http://user:secret@127.0.0.1:PORT/',
  'http://example.org@127.0.0.1:PORT/',
  'http://127.0.0.1:22/',
  'http://127.0.0.1:6379/',
  'http://127.0.0.1:5432/',
  'http://[fe80::1%25lo]:PORT/',
  'http://1.2.3.4.5:PORT/',
  'http://:PORT/',
  '127.0.0.1:PORT',
]

/** More addresses that people could be led to believe in: look-alikes of `localhost`, names with dots and numbers. */
const lookAlikes = [
  'http://ｌｏｃａｌｈｏｓｔ:PORT/',
  'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/',
  'http://localhost%2e:PORT/',
  'http://%6cocalhost:PORT/',
  'http://[::ffff:0:127.0.0.1]:PORT/',
  'http://[2002:a00:1::1]:PORT/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[fe80::a9fe:a9fe]/',
] as const

/** Every target and spelling with the port of a listener, each at an address of its own. */
export const allInward = (port: number): string[] =>
  [
    ...inwardAddresses,
    ...lookAlikes,
    ...refusedUrls,
    ...Object.keys(inwardNames).map((name) => `http://${name}:PORT/`),
  ].map((text, index) => {
    const target = text.replace('PORT', String(port))
    return target.includes('//') && !target.startsWith('data:') ? `${target}${index}.mp3` : target
  })
