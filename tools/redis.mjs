// Step 4: a Redis server to start as a child. One that is there, else one got without leaving a service behind.
import { chmodSync, writeFileSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { isDebian, libraryFolders, unpackInto } from './debian.mjs'
import { withLock } from './lock.mjs'
import { PRIVATE, Refusal, execute, isExecutable, mayInstall, onPath, say } from './shell.mjs'

const UNPACKED = join(PRIVATE, 'redis')
/** The server's package, and the one that holds its program on Debian and Ubuntu. */
const SERVERS = { 'redis-server': 'redis-tools', 'valkey-server': 'valkey-tools' }
const BY_HAND = [
  'Do one of these and run the command again:',
  '  sudo apt-get install redis-server      (Debian, Ubuntu)',
  '  brew install redis                     (macOS)',
  '  COHORT_REDIS_SERVER=/path/to/redis-server, where it is not on PATH',
]
const WITH_URL = [
  '  docker run --rm -p 6379:6379 redis:7.4 --appendonly yes --maxmemory-policy noeviction',
  '    and REDIS_URL=redis://127.0.0.1:6379 in the environment',
]

/**
 * Sees to it that what starts a server finds one on PATH: COHORT_REDIS_SERVER stays the user's own setting. Tests get
 * it all the same, since some start a server by its name alone. Refuses where one is needed and cannot be had.
 */
export async function provideRedis({ needed, test }) {
  const advice = [...BY_HAND, ...(test ? [] : WITH_URL)].join('\n')
  const chosen = process.env.COHORT_REDIS_SERVER
  if (chosen) {
    if (needed && !isExecutable(chosen))
      throw new Refusal(`COHORT_REDIS_SERVER is ${chosen}: no such program. ${advice}`)
    return
  }
  const server = find() ?? (needed ? await withLock(async () => find() ?? install(advice)) : undefined)
  if (!server) return
  if (test) process.env.COHORT_REDIS_SERVER = server
  if (onPath(basename(server)) !== server)
    process.env.PATH = [process.env.PATH, dirname(server)].filter(Boolean).join(delimiter)
}

const find = () =>
  [...Object.keys(SERVERS).map(onPath), join(UNPACKED, 'redis-server')].find(
    (path) => path && isExecutable(path),
  )

async function install(advice) {
  mayInstall('No Redis server was found', advice)
  if (isDebian()) return unpack(advice)
  if (process.platform === 'darwin' && onPath('brew')) return brew(advice)
  throw new Refusal(`No Redis server was found. ${advice}`)
}

async function unpack(advice) {
  say('no Redis server found: unpacking the system’s package into .cohort/redis (no service, no root)')
  try {
    await unpackInto(UNPACKED, fill)
  } catch (error) {
    throw new Refusal(`Redis could not be unpacked: ${error.message}\n${advice}`)
  }
  return join(UNPACKED, 'redis-server')
}

async function fill(unpacked) {
  for (const [server, tools] of Object.entries(SERVERS)) {
    if (!(await unpacked.add([server, tools]))) continue
    const program = join('files/usr/bin', server)
    await unpacked.addLibraries(join(unpacked.folder, program), [server, tools])
    const { code, output } = await execute(writeStarter(unpacked.folder, program), ['--version'])
    if (code !== 0) throw new Error(output)
    return
  }
  throw new Error(`apt has neither ${Object.keys(SERVERS).join(' nor ')}`)
}

/** Paths are relative to the script, so that a clone may be moved; `exec`, so that its pid is the server's. */
function writeStarter(folder, program) {
  const starter = join(folder, 'redis-server')
  const libraries = libraryFolders(folder).map((name) => `$here/${name}`)
  const lines = [
    '#!/bin/sh',
    'here=$(cd "$(dirname "$0")" && pwd)',
    ...(libraries.length > 0
      ? [`export LD_LIBRARY_PATH="${libraries.join(':')}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`]
      : []),
    `exec "$here/${program}" "$@"`,
  ]
  writeFileSync(starter, `${lines.join('\n')}\n`)
  chmodSync(starter, 0o755)
  return starter
}

async function brew(advice) {
  say('no Redis server found: brew install redis (it is not started as a service)')
  const { code, output } = await execute('brew', ['install', 'redis'])
  const path = onPath('redis-server')
  if (code !== 0 || !path) throw new Refusal(`brew install redis failed:\n${output}\n${advice}`)
  return path
}
