// Promises of the demo's closed loop, with real processes: nothing lost, nothing left behind, and it ends.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CohortError } from '@cohort/client'
import { runLoop } from '../demo/closed-loop.js'
import { addAccounts } from '../demo/ledger.js'
import { Meter } from '../demo/meter.js'
import { SQUAD_AGENTS } from '../demo/squad.js'
import { Swarm } from '../demo/swarm.js'
import { startTestSystem, type TestSystem } from '../testing/test-system.js'

let system: TestSystem

before(async () => {
  system = await startTestSystem()
})

after(() => system.stop())

const never = new AbortController().signal

async function swarmOf(agents: number): Promise<Swarm> {
  const swarm = new Swarm({ cohort: system.cohort, agents, seed: 1 })
  await swarm.create(never)
  return swarm
}

/** Runs the loop; `onTick` is told how many ticks all squads together have behind them. */
function run(swarm: Swarm, ticks: number, onTick: (done: number) => void = () => {}): Promise<void> {
  let done = 0
  return runLoop({
    cohort: system.cohort,
    swarm,
    ticks,
    meter: new Meter(() => performance.now()),
    paceMs: 0,
    onTick: () => onTick(++done),
    signal: never,
  })
}

const isUnknown = (error: unknown) => error instanceof CohortError && error.code === 'unknown_population'

const accountOf = (swarm: Swarm) => addAccounts(swarm.troops.map(({ ledger }) => ledger.account))

test('agents are spread over the goals, and every step of a run is applied exactly once', async () => {
  const swarm = await swarmOf(4 * SQUAD_AGENTS + 6)
  assert.deepEqual(
    swarm.troops.map(({ goal, count, squads }) => [goal, count, squads.length]),
    [
      [0, SQUAD_AGENTS + 2, 2],
      [4, SQUAD_AGENTS + 2, 2],
      [20, SQUAD_AGENTS + 1, 2],
      [24, SQUAD_AGENTS + 1, 2],
    ],
  )
  await run(swarm, 3)
  await swarm.count(never)
  const steps = 3 * swarm.agents
  assert.deepEqual(accountOf(swarm), { stepsSent: steps, stepsApplied: steps, lost: 0, duplicated: 0 })
  assert.deepEqual(await swarm.delete(), [])
  await assert.rejects(swarm.count(never), isUnknown)
})

test('a single agent is a swarm', async () => {
  const swarm = await swarmOf(1)
  await run(swarm, 2)
  await swarm.count(never)
  assert.deepEqual([swarm.troops.length, accountOf(swarm).stepsApplied], [1, 2])
  assert.deepEqual(await swarm.delete(), [])
})

test('when one squad cannot go on, all stop, with its error', async () => {
  const swarm = await swarmOf(40)
  const [first] = swarm.troops
  const loop = run(swarm, 1_000_000, (done) => {
    if (done === 20 && first !== undefined) void system.cohort.populations.delete(first.population)
  })
  await assert.rejects(loop, isUnknown)
  assert.deepEqual(await swarm.delete(), [])
})
