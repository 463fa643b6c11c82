// Real processes for tests: a Redis server, producers and workers, each in a process of its own, as in production.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type EmbeddedRedis, findRedisServer, startEmbedded } from '@cohort/store'

const ROOT = new URL('../../../', import.meta.url)
const START_MS = 30_000

export interface Running {
  readonly process: ChildProcess
  readonly pid: number
  /** The one line that it prints when it is ready. */
  readonly ready: string
  /** What it has printed on standard output so far. */
  readonly printed: () => string
  /** What it has said on standard error so far. */
  readonly said: () => string
  /** Resolves when it has ended: its exit code, or the signal's name. */
  readonly ended: Promise<number | string>
}

export const fileOf = (path: string): string => fileURLToPath(new URL(path, ROOT))

/**
 * Starts a Node program and resolves with its ready line; rejects with what it said where it ends before.
 * `through`: a command that becomes the program that it is given, such as `ip netns exec NAME`.
 */
export async function start(
  path: string,
  env: Record<string, string>,
  args: readonly string[] = [],
  through: readonly string[] = [],
): Promise<Running> {
  const [command = process.execPath, ...before] = [...through, process.execPath]
  const child = spawn(command, [...before, fileOf(path), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let printed = ''
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = once(child, 'exit').then(([code, signal]: (number | string)[]) => code ?? signal ?? 'unknown')
  const lines = createInterface({ input: child.stdout ?? process.stdin })
  const ready = await Promise.race([
    once(lines, 'line', { signal: AbortSignal.timeout(START_MS) }).then(([line]: string[]) => line ?? ''),
    ended.then((how) => Promise.reject(new Error(`${path} ended with ${how} before it was ready:\n${said}`))),
  ]).catch((error: unknown) => {
    // Nobody else knows it: left alone it would keep the test run alive.
    child.kill('SIGKILL')
    throw error
  })
  return { process: child, pid: child.pid ?? 0, ready, printed: () => printed, said: () => said, ended }
}

/** Ends it at once, as a machine that loses power does. */
export async function kill(running: Running): Promise<void> {
  running.process.kill('SIGKILL')
  await running.ended
}

/** Asks it to end and resolves with its exit code. */
export async function terminate(running: Running): Promise<number | string> {
  running.process.kill('SIGTERM')
  return running.ended
}

/** True while there is such a process that is not a zombie. */
export async function alive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return !/\) Z /.test(status)
}

export interface TestRedis {
  readonly url: string
  /** Ends the server at once; it comes back on the same port with what it had written. */
  readonly kill: () => void
  readonly stop: () => Promise<void>
}

/** A Redis server of the test's own, with its data in a folder that goes with it. */
export async function startRedis(): Promise<TestRedis> {
  const executable = findRedisServer(process.env['PATH'] ?? '', process.env['COHORT_REDIS_SERVER'])
  if (executable === undefined)
    throw new Error('no redis-server: run the tests by `npm test`, which finds one')
  const dir = await mkdtemp(join(tmpdir(), 'cohort-test-'))
  const server: EmbeddedRedis = await startEmbedded({ dir, executable, log: () => {} })
  return {
    url: server.url,
    kill: () => {
      if (server.pid !== undefined) process.kill(server.pid, 'SIGKILL')
    },
    stop: async () => {
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
