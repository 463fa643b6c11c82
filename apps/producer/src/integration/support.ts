// For tests: a Redis server of the test file's own, producers in this process or as real ones, and workers.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { connect, type Redis } from '@cohort/store'
import { SILENT } from '@cohort/telemetry'
import { readConfig } from '../config.js'
import { startProducer, type Producer } from '../server.js'

export interface TestRedis {
  readonly url: string
  readonly redis: Redis
  /** Ends the server as a machine that loses power does; `again` starts it anew, empty, at the same place. */
  kill(): Promise<void>
  again(): Promise<void>
  stop(): Promise<void>
}

export async function startRedis(...options: string[]): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'cohort-producer-'))
  const url = join(dir, 's.sock')
  const all = [
    '--port',
    '0',
    '--unixsocket',
    url,
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    dir,
    ...options,
  ]
  let end = spawnRedis(all)
  const redis = connect(url, { name: 'test', onError: () => {} })
  await redis.ping()
  return {
    url,
    redis,
    kill: () => end(),
    async again() {
      end = spawnRedis(all)
      await redis.ping()
    },
    async stop() {
      redis.disconnect()
      await end()
      await rm(dir, { recursive: true })
    },
  }
}

/** The pipe to its standard input closes however we end: also when the runner kills a test that hangs. */
const ENDS_WITH_US = '"$@" & server=$!; cat > /dev/null; kill -9 $server; wait $server'

function spawnRedis(options: readonly string[]): () => Promise<void> {
  const program = process.env['COHORT_REDIS_SERVER'] ?? 'redis-server'
  const server = spawn('sh', ['-c', ENDS_WITH_US, 'sh', program, ...options], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = once(server, 'exit')
  return async () => {
    server.stdin.end()
    await ended
  }
}

/** A producer in this process: its own connections, its own port. */
export const aProducer = (redisUrl: string, env: Record<string, string> = {}): Promise<Producer> =>
  startProducer(readConfig({ REDIS_URL: redisUrl, PORT: '0', ...env }), SILENT)

/** For what a test file starts before its tests: it ends after them, the last first. */
export function atTheEnd(): (end: () => Promise<unknown>) => void {
  const ends: (() => Promise<unknown>)[] = []
  after(async () => {
    for (const end of ends.toReversed()) await end()
  })
  return (end) => void ends.push(end)
}

export interface TestSystem {
  readonly server: TestRedis
  readonly producer: Producer
  addProducer(): Promise<Producer>
  addWorker(): Promise<Running>
}

/** What most test files await first: a Redis and a producer on it, ended after the tests with all that was added. */
export async function startSystem(env: Record<string, string> = {}): Promise<TestSystem> {
  const ended = atTheEnd()
  const server = await startRedis()
  ended(() => server.stop())
  const addProducer = async () => {
    const producer = await aProducer(server.url, env)
    ended(() => producer.stop())
    return producer
  }
  const addWorker = async () => {
    const worker = await startWorker(server.url)
    ended(() => end(worker))
    return worker
  }
  return { server, producer: await addProducer(), addProducer, addWorker }
}

export interface Running {
  readonly process: ChildProcess
  readonly ready: string
  /** What it has written on standard error so far. */
  readonly said: () => string
  readonly ended: Promise<number | string>
}

const fileOf = { producer: '../main.js', worker: '../../../worker/dist/main.js' } as const

/** A real process; resolves with its ready line (empty where it ended before) and what it said. */
export async function startProcess(app: keyof typeof fileOf, env: Record<string, string>): Promise<Running> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(fileOf[app], import.meta.url))], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = once(child, 'exit').then(([code, signal]: (number | string)[]) => code ?? signal ?? 'unknown')
  const first = once(createInterface({ input: child.stdout ?? process.stdin }), 'line').then(
    ([line]: string[]) => line ?? '',
  )
  const ready = await Promise.race([first, ended.then(() => '')])
  return { process: child, ready, said: () => said, ended }
}

/** A worker with one thread that takes jobs. */
export async function startWorker(redisUrl: string): Promise<Running> {
  const worker = await startProcess('worker', {
    REDIS_URL: redisUrl,
    COHORT_THREADS: '1',
    COHORT_PINNING: 'off',
  })
  if (worker.ready === '') throw new Error(`the worker did not start:\n${worker.said()}`)
  return worker
}

export async function end(running: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
  running.process.kill(signal)
  return running.ended
}
