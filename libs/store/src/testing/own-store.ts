// For tests: a store on a Redis server of the test file's own; both end with the file.
import { after } from 'node:test'
import { openStore, type Store } from '../store.js'
import { startTestRedis, type TestRedis } from './redis.js'

/** Call it at the top of a test file, once. */
export async function ownStore(): Promise<{ server: TestRedis; store: Store }> {
  const server = await startTestRedis()
  after(() => server.stop())
  return { server, store: openStore({ redis: server.redis, resultTtlSeconds: 60 }) }
}
