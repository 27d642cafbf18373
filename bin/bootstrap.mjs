#!/usr/bin/env node
// What `npm start`, `npm test`, `npm run demo` and `npm run bench` run first. It uses nothing but Node
// itself, because on a bare machine there is nothing else: it installs what is missing, then hands over.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const say = (text) => process.stderr.write(`${text}\n`)

const programs = {
  start: ['bin/earwitness.mjs', 'start'],
  demo: ['bin/earwitness.mjs', 'demo'],
  bench: ['bench/run.mjs'],
  test: ['node_modules/vitest/vitest.mjs', 'run'],
}

/** When a file was last written, in milliseconds; 0 when it is not there. */
function writtenAt(path) {
  try {
    return statSync(join(root, path)).mtimeMs
  } catch {
    return 0
  }
}

/** Whether a program is on PATH. */
function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  say(`Earwitness needs Node 20.19 or newer; this is ${process.versions.node}. Node 22 or 24 is best.`)
  process.exit(1)
}

/** npm notes in its hidden lock file when it installed; an older note than the lock file means there is news. */
function installPackages() {
  if (writtenAt('node_modules/.package-lock.json') >= writtenAt('package-lock.json')) return
  say('Installing packages (once) …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) {
    say('npm ci failed; see above. Is the registry reachable?')
    process.exit(1)
  }
}

/** A current ffmpeg is worth an attempt; without one the build that npm installed does, with a warning. */
function installFfmpeg() {
  if (process.env.FFMPEG_PATH || onPath('ffmpeg')) return
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0 && onPath('apt-get')
  if (!mayInstall) {
    say('No ffmpeg on PATH: install it (`apt-get install ffmpeg`, `brew install ffmpeg`) or set FFMPEG_PATH.')
    say('Until then the older build that npm installed is used where there is one.')
    return
  }
  say('Installing ffmpeg (once) …')
  const options = {
    stdio: 'ignore',
    timeout: 300_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }
  const install = () =>
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'ffmpeg'], options).status === 0
  if (install() || (spawnSync('apt-get', ['update'], options).status === 0 && install())) return
  say('That did not work; the older build that npm installed is used. Try: apt-get install ffmpeg')
}

const [name, ...rest] = process.argv.slice(2)
const program = programs[name]
if (!program) {
  say(`Usage: node bin/bootstrap.mjs ${Object.keys(programs).join('|')} [OPTION…]`)
  process.exit(2)
}
checkNode()
installPackages()
installFfmpeg()
process.chdir(name === 'test' ? root : process.cwd())
const [file, ...args] = program
process.argv = [process.argv[0], join(root, file), ...args, ...rest]
await import(join(root, file))
