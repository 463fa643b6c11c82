// Promises of the choice of agents: ascending, each once, back to the request's order, faults with paths.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, type Fault } from '@cohort/contracts'
import fc from 'fast-check'
import { agentsNamed, chooseAgents } from './agents.js'

const refusal = (run: () => unknown): { code: string; paths: string[]; faults: readonly Fault[] } => {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof CohortError)
    return { code: error.code, paths: error.errors.map(({ path }) => path), faults: error.errors }
  }
  assert.fail('nothing was refused')
}

test('left out, all agents are chosen', () => {
  assert.deepEqual(chooseAgents(undefined, 3), { agents: Uint32Array.of(0, 1, 2), order: undefined })
  assert.equal(agentsNamed(undefined, 3), 3)
})

test('a range may reach the last agent and not pass it', () => {
  assert.deepEqual(chooseAgents({ from: 2, count: 2 }, 4).agents, Uint32Array.of(2, 3))
  const { code, paths } = refusal(() => chooseAgents({ from: 2, count: 3 }, 4))
  assert.deepEqual([code, paths], ['agent_out_of_range', ['agents']])
})

test('a list in any order is sorted, and its order leads back', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(4_000_000), { minLength: 1, maxLength: 50 }), (named) => {
      const { agents, order } = chooseAgents(named, 4_000_001)
      assert.deepEqual(
        [...agents],
        [...named].sort((a, b) => a - b),
      )
      const back = named.map(() => -1)
      agents.forEach((agent, rank) => (back[order?.[rank] ?? rank] = agent))
      assert.deepEqual(back, named)
    }),
  )
})

test('each index out of range is named, up to sixteen', () => {
  const { code, faults } = refusal(() => chooseAgents([0, 9, 1, 4], 4))
  assert.equal(code, 'agent_out_of_range')
  assert.deepEqual(faults, [
    { path: 'agents[1]', message: 'is out of range', got: 9, expected: '0 to 3' },
    { path: 'agents[3]', message: 'is out of range', got: 4, expected: '0 to 3' },
  ])
  assert.equal(
    refusal(() =>
      chooseAgents(
        Array.from({ length: 100 }, () => 7),
        4,
      ),
    ).paths.length,
    16,
  )
})

test('an agent named twice is refused at its second place', () => {
  const { code, faults } = refusal(() => chooseAgents([5, 1, 5, 1], 9))
  assert.equal(code, 'agent_twice')
  assert.deepEqual(
    faults.map(({ path, message }) => `${path} ${message}`),
    ['agents[3] is the same agent as agents[1]', 'agents[2] is the same agent as agents[0]'],
  )
})
