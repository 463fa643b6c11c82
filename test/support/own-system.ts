// A whole Cohort that a test file has for itself, from its first line to its end, and what those that kill need of it.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { connect, type Redis } from '@cohort/store'
import { kill } from './processes.js'
import { startSystem, type System } from './system.js'

/** Call it at the top of a test file, once. `redis` is a connection of the test's own. */
export async function ownSystem(
  options: Parameters<typeof startSystem>[0],
): Promise<{ system: System; redis: Redis }> {
  const system = await startSystem(options)
  const redis = connect(system.redis.url, { name: 'test', onError: () => {} })
  after(async () => {
    redis.disconnect()
    await system.stop()
  })
  return { system, redis }
}

/** The worker that has run longest dies by -9, and another one takes its place. */
export async function replaceOldest(system: System): Promise<void> {
  const [oldest] = system.workers.splice(0, 1)
  assert.ok(oldest)
  await kill(oldest)
  await system.addWorker()
}
