// Replay is bit-exact: same model, seed and observations, the same bytes, however they were cut and wherever they ran.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aLearner, aPopulation, sightings } from '../support/builders.js'
import { rowsAfter } from '../support/kernel.js'
import { ownSystem } from '../support/own-system.js'
import { storedRows } from '../support/stored-rows.js'

const AGENTS = 700
const ROUNDS = 6
/** In all 700, across the ends of blocks. */
const SLICES = [1, 63, 64, 65, 200, 307].map((count, at, counts) => ({
  from: counts.slice(0, at).reduce((sum, before) => sum + before, 0),
  count,
}))

const { system, redis } = await ownSystem({ workers: 2 })

test('whole batches and slices of them, on two workers, leave the same bytes', async () => {
  const options = { actionSelection: 'stochastic', alpha: 0.5 } as const
  const whole = await aPopulation(system.cohort, { count: AGENTS, id: 'whole', options })
  const cut = await aPopulation(system.cohort, { count: AGENTS, id: 'cut', options })
  const actions = new Set<number>()
  for (let round = 0; round < ROUNDS; round++) {
    const seen = sightings(AGENTS, round)
    const { results } = await system.cohort.steps.run({ population: whole, observations: [seen], t: round })
    const slices = SLICES.map(({ from, count }) => {
      const slice = { agents: { from, count }, observations: [seen.slice(from, from + count)] }
      return system.cohort.steps.run({ population: cut, ...slice, t: round })
    })
    const sliced = (await Promise.all(slices)).flatMap((batch) => batch.results?.action?.[0] ?? [])
    assert.deepEqual(sliced, results?.action?.[0])
    for (const action of sliced) actions.add(action)
  }
  assert.ok(actions.size > 1, 'actions are drawn, or there is nothing to compare')
  const [one, other] = [await storedRows(redis, cut, AGENTS), await storedRows(redis, whole, AGENTS)]
  assert.ok(one.equals(other))
})

test('agents that learn by messages over a window step as in the kernel, in whole batches and in slices', async () => {
  const model = aLearner({ inference: 'messagePassing', window: 2, policyLen: 2 })
  const [whole, cut] = [
    await aPopulation(system.cohort, { count: AGENTS, id: 'whole-learners', model }),
    await aPopulation(system.cohort, { count: AGENTS, id: 'cut-learners', model }),
  ]
  const rounds = Array.from({ length: ROUNDS }, (_, round) =>
    Array.from({ length: AGENTS }, (_one, agent) => (agent + 2 * round) % 3),
  )
  for (const [t, seen] of rounds.entries()) {
    await system.cohort.steps.run({ population: whole, observations: [seen], t })
    await Promise.all(
      SLICES.map(({ from, count }) =>
        system.cohort.steps.run({
          population: cut,
          agents: { from, count },
          observations: [seen.slice(from, from + count)],
          t,
        }),
      ),
    )
  }
  const expected = rowsAfter(
    model,
    AGENTS,
    rounds.map((seen) => [seen]),
  )
  for (const population of [whole, cut])
    assert.ok((await storedRows(redis, population, AGENTS)).equals(expected), population)
})
