// Two machines on one: network namespaces with a cable between them that can be pulled. For two-machines.test.ts.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findRedisServer } from '@cohort/store'
import { alive, type Running, start } from '../support/processes.js'

const run = promisify(execFile)
const ip = async (...args: string[]): Promise<string> => (await run('ip', args)).stdout

export interface Machine {
  readonly name: string
  /** Where the other machine reaches it. */
  readonly address: string
  /** Starts a program of ours on it. */
  readonly start: (path: string, env: Record<string, string>) => Promise<Running>
  /** The status and the body of an answer that only this machine can get. */
  readonly get: (url: string) => Promise<{ readonly status: number; readonly body: string }>
}

export interface TwoMachines {
  readonly one: Machine
  readonly two: Machine
  /** Where the test itself, which stands outside of both, reaches the first. */
  readonly front: string
  /** Pulls the cable out of the second machine: nothing gets through, and nobody is told. */
  readonly pull: () => Promise<void>
  readonly plug: () => Promise<void>
  readonly remove: () => Promise<void>
}

/** Why this machine cannot be two; undefined where it can. */
export async function whyNot(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const name = `cohort-try-${process.pid}`
  try {
    await ip('netns', 'add', name)
    await ip('netns', 'exec', name, 'true')
    await ip('netns', 'del', name)
    return undefined
  } catch (error) {
    return `network namespaces cannot be made here: ${String(error).split('\n', 1)[0]}`
  }
}

/**
 * Three links of a chain: the test, machine one, machine two. The addresses are of the range that is kept for tests of
 * networks (RFC 2544); two runs at once have others.
 */
export async function twoMachines(): Promise<TwoMachines> {
  await sweep()
  const net = `198.18.${process.pid % 256}`
  const one = machine('one', `${net}.1`)
  const two = machine('two', `${net}.2`)
  const front = `cohort${process.pid}`
  const remove = async () => {
    for (const { name } of [one, two]) await ip('netns', 'del', name).catch(() => {})
    // A namespace goes a moment after its name, and its links with it: this one is in the way of the next run.
    await ip('link', 'del', front).catch(() => {})
  }
  try {
    for (const { name } of [one, two]) {
      await ip('netns', 'add', name)
      await ip('-n', name, 'link', 'set', 'lo', 'up')
    }
    await ip('link', 'add', 'cable', 'netns', one.name, 'type', 'veth', 'peer', 'cable', 'netns', two.name)
    await ip('link', 'add', front, 'type', 'veth', 'peer', 'front', 'netns', one.name)
    await bring(['-n', one.name], 'cable', `${one.address}/30`)
    await bring(['-n', two.name], 'cable', `${two.address}/30`)
    await bring(['-n', one.name], 'front', `${net}.5/30`)
    await bring([], front, `${net}.6/30`)
  } catch (error) {
    await remove()
    throw error
  }
  const cable = (state: string) => async () => void (await ip('-n', two.name, 'link', 'set', 'cable', state))
  return { one, two, front: `${net}.5`, pull: cable('down'), plug: cable('up'), remove }
}

async function bring(where: string[], device: string, address: string): Promise<void> {
  await ip(...where, 'address', 'add', address, 'dev', device)
  await ip(...where, 'link', 'set', device, 'up')
}

function machine(which: string, address: string): Machine {
  const name = `cohort-${which}-${process.pid}`
  const through = ['ip', 'netns', 'exec', name]
  const fetching =
    'const r = await fetch(process.argv[1]); console.log(JSON.stringify({ status: r.status, body: await r.text() }))'
  return {
    name,
    address,
    start: (path, env) => start(path, env, [], through),
    get: async (url) => {
      const args = [...through.slice(1), process.execPath, '--input-type=module', '-e', fetching, url]
      return JSON.parse(await ip(...args)) as { status: number; body: string }
    },
  }
}

/** A run that was killed could not clear away what it had made: its name says whose it was. */
async function sweep(): Promise<void> {
  for (const [name = '', pid] of (await ip('netns', 'list')).matchAll(/^cohort-(?:one|two|try)-(\d+)/gm))
    if (!(await alive(Number(pid)))) await ip('netns', 'del', name)
}

export const REDIS_PORT = 6379

/** A Redis server on a machine, as the guide says that it should be; it ends with this process. */
export async function redisOn({ name }: Machine): Promise<() => Promise<void>> {
  const server = findRedisServer(process.env['PATH'] ?? '', process.env['COHORT_REDIS_SERVER'])
  if (server === undefined) throw new Error('no redis-server: run the tests by `npm run test:long`')
  const dir = await mkdtemp(join(tmpdir(), 'cohort-two-machines-'))
  const settings = `--port ${REDIS_PORT} --protected-mode no --appendonly yes --maxmemory-policy noeviction`
  // The shell ends the server when the end of its input says that the test is no more.
  const script = `"$1" ${settings} --dir "$2" & cat; kill $!; wait $!`
  const shell = spawn('ip', ['netns', 'exec', name, 'sh', '-c', script, 'sh', server, dir], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  return async () => {
    const exit = once(shell, 'exit')
    shell.stdin.end()
    await exit
    await rm(dir, { recursive: true, force: true })
  }
}
