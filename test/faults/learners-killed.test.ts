// Agents that learn, or look back on a window, step once each whatever dies: their counts are exactly right.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Model } from '@cohort/client'
import { aLearner, aPopulation } from '../support/builders.js'
import { rowsAfter, type Seen } from '../support/kernel.js'
import { ownSystem, replaceOldest } from '../support/own-system.js'
import { storedRows } from '../support/stored-rows.js'

const AGENTS = 1536
const ROUNDS = 9

const { system, redis } = await ownSystem({ workers: 2 })

const KINDS: readonly (readonly [what: string, model: Model, soft: boolean])[] = [
  [
    'agents that learn, and see softly now and then',
    aLearner({ policyLen: 3, useParamInfoGain: true }),
    true,
  ],
  [
    'agents that learn by messages over a window, with a precision of their own',
    aLearner({ inference: 'messagePassing', window: 3, policyLen: 2, updateGamma: true }),
    false,
  ],
]

for (const [what, model, soft] of KINDS) {
  test(`${what}, with a worker killed by -9 again and again, know what they know without that`, async () => {
    const { cohort } = system
    const population = await aPopulation(cohort, { count: AGENTS, model })
    const rounds = Array.from({ length: ROUNDS }, (_, round) => seenIn(round, soft))
    for (const [round, seen] of rounds.entries()) {
      // Three requests at once, so that both workers hold jobs when one of them dies.
      const thirds = [0, 1, 2].map((third) => {
        const [from, count] = [(third * AGENTS) / 3, AGENTS / 3]
        const observations = seen.map((column) => column.slice(from, from + count))
        return cohort.steps.run({ population, agents: { from, count }, observations, t: round })
      })
      if (round % 3 === 1) await replaceOldest(system)
      for (const batch of await Promise.all(thirds))
        assert.deepEqual([batch.status, batch.errors ?? []], ['completed', []])
    }
    const { steps } = await cohort.populations.get(population)
    assert.deepEqual(steps, { total: AGENTS * ROUNDS, min: ROUNDS, max: ROUNDS })
    assert.ok((await storedRows(redis, population, AGENTS)).equals(rowsAfter(model, AGENTS, rounds)))
  })
}

/** Every outcome, nothing, and where `soft` is set a distribution. */
function seenIn(round: number, soft: boolean): Seen {
  const kinds = soft ? [0, 1, 2, null, [0.25, 0.25, 0.5]] : [0, 1, 2, null]
  return [Array.from({ length: AGENTS }, (_, agent) => kinds[(7 * agent + 3 * round) % kinds.length] ?? null)]
}
