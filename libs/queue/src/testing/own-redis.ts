// For the tests of this folder: a Redis server of their own, on a socket in a temporary directory.
import { Queue, type RedisConnection } from 'bullmq'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PREFIX, STEPS } from '../queues.js'

export interface OwnRedis {
  /** What `openQueue` and `startConsumer` take. */
  readonly redis: { readonly path: string; readonly maxRetriesPerRequest: null }
  /** BullMQ's own view, to put things on the queue by hand and to look at what is there. */
  readonly queue: Queue
  readonly client: Awaited<RedisConnection['client']>
  call(script: string): Promise<unknown>
  stop(): Promise<void>
}

/** The pipe to its standard input closes when we end, also when the runner kills a test that hangs. */
const ENDS_WITH_US = '"$@" & server=$!; cat > /dev/null; kill -9 $server; wait $server'

export async function ownRedis(): Promise<OwnRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'cohort-queue-'))
  const path = join(dir, 's')
  const executable = process.env['COHORT_REDIS_SERVER'] ?? 'redis-server'
  const settings = ['--port', '0', '--unixsocket', path, '--save', '', '--dir', dir]
  const server = spawn('sh', ['-c', ENDS_WITH_US, 'sh', executable, ...settings], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const exited = once(server, 'exit')
  await listening(path)
  const redis = { path, maxRetriesPerRequest: null } as const
  const queue = new Queue(STEPS, { connection: redis, prefix: PREFIX, skipMetasUpdate: true })
  const client = await queue.getBackend().client
  client.defineCommand('byHand', { numberOfKeys: 0, lua: 'return loadstring(ARGV[1])()' })
  return {
    redis,
    queue,
    client,
    call: (script) => client.runCommand('byHand', [script]),
    async stop() {
      await queue.close()
      server.stdin.end()
      await exited
      await rm(dir, { recursive: true })
    },
  }
}

async function listening(path: string): Promise<void> {
  for (;;) {
    const socket = createConnection(path)
    try {
      await once(socket, 'connect')
      return
    } catch {
      await sleep(5)
    } finally {
      socket.destroy()
    }
  }
}

/** Looks until it holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 15_000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never: ${String(holds)}`)
    await sleep(5)
  }
}
