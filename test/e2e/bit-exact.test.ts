// Replay is bit-exact: same model, seed and observations, the same bytes, however they were cut and wherever they ran.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect, type Redis } from '@cohort/store'
import { aPopulation, sightings } from '../support/builders.js'
import { startSystem, type System } from '../support/system.js'

const AGENTS = 700
const ROUNDS = 6

let system: System
let redis: Redis
before(async () => {
  system = await startSystem({ workers: 2 })
  redis = connect(system.redis.url, { name: 'test', onError: () => {} })
})
after(async () => {
  redis.disconnect()
  await system.stop()
})

test('whole batches and slices of them, on two workers, leave the same bytes', async () => {
  const options = { actionSelection: 'stochastic', alpha: 0.5 } as const
  const whole = await aPopulation(system.cohort, { count: AGENTS, id: 'whole', options })
  const cut = await aPopulation(system.cohort, { count: AGENTS, id: 'cut', options })
  const actions = new Set<number>()
  for (let round = 0; round < ROUNDS; round++) {
    const seen = sightings(AGENTS, round)
    const { results } = await system.cohort.steps.run({ population: whole, observations: [seen], t: round })
    const sizes = [1, 63, 64, 65, 200, 307]
    let from = 0
    const slices = sizes.map((count) => {
      const slice = { agents: { from, count }, observations: [seen.slice(from, from + count)] }
      from += count
      return system.cohort.steps.run({ population: cut, ...slice, t: round })
    })
    const sliced = (await Promise.all(slices)).flatMap((batch) => batch.results?.action?.[0] ?? [])
    assert.deepEqual(sliced, results?.action?.[0])
    for (const action of sliced) actions.add(action)
  }
  assert.ok(actions.size > 1, 'actions are drawn, or there is nothing to compare')
  assert.deepEqual(await rowsOf(cut), await rowsOf(whole))
})

/** The agents' rows as they lie in Redis, without the header of their block. */
const rowsOf = async (population: string): Promise<string[]> => {
  const blocks = Array.from(
    { length: Math.ceil(AGENTS / 256) },
    (_, block) => `{s0}:b:${population}:${block}`,
  )
  const records = await Promise.all(blocks.map((name) => redis.getBuffer(name)))
  return records.map((record) => (record ?? assert.fail('no block')).subarray(64).toString('hex'))
}
