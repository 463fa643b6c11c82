// The promise that the demo rests on: agents with this model find their goal in this world, not by chance.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '@cohort/contracts'
import { describeModel, ownSlot, validateModel, writeInitialRows } from '@cohort/inference'
import {
  corners,
  GRID5_NOISY as grid,
  gridModel,
  markGoals,
  moveAgents,
  observeCells,
  startCells,
  walkRandomly,
} from './index.js'

const AGENTS = 250
const TICKS = 30

/** `AGENTS` agents in one slot of a memory of their own: observations in, actions out. */
function agentsWith(goal: number): { observations: Int32Array; actions: Int32Array; step(): void } {
  const valid = validateModel(gridModel({ grid, goal }), DEFAULT_LIMITS)
  const extras = { soft: false, terms: false }
  const { buffer, slot, layout, step } = ownSlot(valid, { rows: AGENTS, extras })
  const { rowBytes } = describeModel(valid)
  writeInitialRows({
    model: valid,
    seed: 1,
    from: 0,
    out: new Uint8Array(buffer, slot + layout.rows, AGENTS * rowBytes),
  })
  const want = { qPi: false, G: false, vfe: false, terms: false }
  return {
    observations: new Int32Array(buffer, slot + layout.obs, AGENTS),
    actions: new Int32Array(buffer, slot + layout.actions, AGENTS),
    step: () => step(want),
  }
}

type Choose = (cells: Int32Array, actions: Int32Array, tick: number) => void

/** Share of agents that stood on `goal` within `TICKS` ticks when they act as `choose` says. */
function shareThatArrives(goal: number, choose: Choose): number {
  const at = (tick: number) => ({ grid, seed: 3, firstAgent: 0, tick })
  const goals = new Int32Array(AGENTS).fill(goal)
  const reachedAt = new Int32Array(AGENTS).fill(-1)
  const [cells, actions] = [new Int32Array(AGENTS), new Int32Array(AGENTS)]
  startCells(at(0), goals, cells)
  for (let tick = 0; tick < TICKS; tick++) {
    choose(cells, actions, tick)
    moveAgents(at(tick), actions, cells)
    markGoals(tick + 1, { goals, cells }, reachedAt)
  }
  return reachedAt.filter((tick) => tick >= 0).length / AGENTS
}

test('of agents that begin anywhere, at least 95 % find their corner in 30 ticks; of random walks far fewer', () => {
  for (const goal of corners(5)) {
    const agents = agentsWith(goal)
    const arrived = shareThatArrives(goal, (cells, actions, tick) => {
      observeCells({ grid, seed: 3, firstAgent: 0, tick }, cells, agents.observations)
      agents.step()
      actions.set(agents.actions)
    })
    const walked = shareThatArrives(goal, (_, actions, tick) =>
      walkRandomly({ grid, seed: 3, firstAgent: 0, tick }, actions),
    )
    assert(arrived >= 0.95, `goal ${goal}: ${arrived}`)
    assert(walked < arrived - 0.2, `goal ${goal}: ${arrived} against ${walked} of the random walk`)
  }
})
