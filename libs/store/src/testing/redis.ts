// For tests: a Redis server of the test file's own, on a Unix socket in a folder that goes with it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { findRedisServer } from '../embedded.js'

export interface TestRedis {
  readonly redis: Redis
  /** Another connection, as another process would have; closed with the rest. */
  connect(): Redis
  stop(): Promise<void>
}

/** The pipe to its standard input closes when we end, also when the runner kills a test that hangs. */
const ENDS_WITH_US = '"$@" & server=$!; cat > /dev/null; kill -9 $server; wait $server'

/** Call it in `before`, and `stop` in `after`. */
export async function startTestRedis(): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'cohort-store-'))
  const path = join(dir, 's.sock')
  const executable = findRedisServer(process.env['PATH'] ?? '', process.env['COHORT_REDIS_SERVER'])
  if (executable === undefined) throw new Error('these tests need redis-server or valkey-server on the PATH')
  const options = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', dir]
  const server = spawn('sh', ['-c', ENDS_WITH_US, 'sh', executable, ...options], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = once(server, 'exit')
  const connections: Redis[] = []
  const connect = () => {
    const redis = new Redis({ path, maxRetriesPerRequest: null, retryStrategy: () => 10 })
    // The socket appears a moment after the start: until then each try fails, and the next follows.
    redis.on('error', () => {})
    connections.push(redis)
    return redis
  }
  const redis = connect()
  await redis.ping()
  return {
    redis,
    connect,
    async stop() {
      for (const connection of connections) connection.disconnect()
      server.stdin.end()
      await ended
      await rm(dir, { recursive: true })
    },
  }
}
