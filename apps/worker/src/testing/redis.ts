// For tests: a Redis server of the test file's own, in a folder that goes with it; it ends with the test.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, findRedisServer, startEmbedded, type Redis } from '@cohort/store'

export interface TestRedis {
  /** What a worker is given as REDIS_URL. */
  readonly url: string
  readonly redis: Redis
  stop(): Promise<void>
}

/** Call it in `before`, and `stop` in `after`. */
export async function startRedis(): Promise<TestRedis> {
  const executable = findRedisServer(process.env['PATH'] ?? '', process.env['COHORT_REDIS_SERVER'])
  if (executable === undefined) throw new Error('the tests need redis-server or valkey-server on the PATH')
  const dir = await mkdtemp(join(tmpdir(), 'cohort-worker-'))
  const server = await startEmbedded({ dir, executable, log: () => {} })
  const redis = connect(server.url, { name: 'test', onError: () => {} })
  return {
    url: server.url,
    redis,
    async stop() {
      redis.disconnect()
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
