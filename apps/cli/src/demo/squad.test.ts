// Promises of a squad: it is the part of one world that its agents are in, however they are cut into squads.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goalFigures } from './report.js'
import { Squad } from './squad.js'

const place = { population: 'p', goal: 24, from: 0, count: 50, firstAgent: 100, seed: 5 }
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)

test('the same agents in two squads see and do the same as in one', () => {
  const whole = new Squad(place)
  const parts = [
    new Squad({ ...place, count: 20 }),
    new Squad({ ...place, from: 20, count: 30, firstAgent: 120 }),
  ]
  for (let tick = 0; tick < 5; tick++) {
    const actions = upTo(50).map((agent) => (agent + tick) % 5)
    assert.deepEqual(
      parts.flatMap((squad) => [...squad.observe()]),
      [...whole.observe()],
    )
    whole.act(upTo(50), actions)
    for (const squad of parts) {
      const own = upTo(squad.place.count, squad.place.from)
      squad.act(
        own,
        own.map((agent) => actions[agent] ?? 0),
      )
    }
    assert.deepEqual(
      parts.flatMap(({ cells }) => [...cells]),
      [...whole.cells],
    )
    assert.deepEqual(
      parts.flatMap(({ walkCells }) => [...walkCells]),
      [...whole.walkCells],
    )
  }
  assert.equal(whole.tick, 5)
})

test('agents without an answer try to stay, the others act by their own index', () => {
  const squad = new Squad({ ...place, from: 10, count: 2000 })
  const before = squad.cells.slice()
  squad.act([10], [1])
  const same = squad.cells.filter((cell, i) => cell === before[i]).length
  assert(same > 1700, `${same} of 2000 stayed`)
})

test('walkers begin where the agents do', () => {
  const squad = new Squad(place)
  assert.deepEqual(squad.cells, squad.walkCells)
  assert(!squad.cells.includes(place.goal))
})

test('who arrived, and when, is counted over all squads', () => {
  const squads = [new Squad({ ...place, count: 3 }), new Squad({ ...place, count: 1 })]
  squads[0]?.reachedAt.set([2, -1, 5])
  squads[1]?.reachedAt.set([5])
  squads[1]?.walkReachedAt.set([9])
  assert.deepEqual(goalFigures(squads), { atGoal: 0.75, atGoalRandomWalk: 0.25, meanTicksToGoal: 4 })
  const nobody = [new Squad({ ...place, count: 3 })]
  assert.deepEqual(goalFigures(nobody), { atGoal: 0, atGoalRandomWalk: 0, meanTicksToGoal: null })
})
