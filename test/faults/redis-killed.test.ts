// Redis is killed with -9 under load and comes back: what was answered stands, and no answer is false.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect } from '@cohort/store'
import { aPopulation, sightings } from '../support/builders.js'
import { startSystem, type System } from '../support/system.js'

const AGENTS = 600
const ROUNDS = 40
/** Requests in flight when the server dies: some are admitted, some gathered, some queued, some computed. */
const SLICES = 6

let system: System
before(async () => {
  system = await startSystem({ workers: 2 })
  // With `everysec` a second of answered steps may be lost with the server, which is not what is looked at here.
  const redis = connect(system.redis.url, { name: 'test', onError: () => {} })
  await redis.config('SET', 'appendfsync', 'always')
  redis.disconnect()
})
after(() => system.stop())

test('every step is applied exactly once, and each answer tells the truth', async () => {
  const { cohort, redis } = system
  const population = await aPopulation(cohort, { count: AGENTS })
  const count = AGENTS / SLICES
  for (let round = 0; round < ROUNDS; round++) {
    const batches = Array.from({ length: SLICES }, (_, slice) =>
      cohort.steps.run({
        population,
        agents: { from: slice * count, count },
        observations: [sightings(count, round)],
        t: round,
      }),
    )
    if (round === ROUNDS / 2) redis.kill()
    for (const batch of await Promise.all(batches)) {
      assert.deepEqual(batch.errors, [])
      assert.equal(batch.status, 'completed')
    }
  }
  const { steps } = await cohort.populations.get(population)
  assert.deepEqual(steps, { total: AGENTS * ROUNDS, min: ROUNDS, max: ROUNDS })
})
