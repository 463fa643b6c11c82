// leg: gather. Sorts steps into units of one block each, none with an agent twice. Next: plan-jobs.ts
import { BLOCK_AGENTS } from '@cohort/contracts'
import type { AdmittedSteps } from '../admit.js'
import { agentBytesWith } from '../agent-bytes.js'

/** Steps of one batch that fall in one block: those of ranks from…to−1. */
export interface Slice {
  readonly steps: AdmittedSteps
  readonly from: number
  readonly to: number
}

/** What becomes one part of a job: slices of one block, without a common agent. */
export interface Unit {
  readonly population: AdmittedSteps['population']
  readonly block: number
  /** Agents in the block: fewer than its capacity at the population's end. */
  readonly size: number
  readonly agentBytes: number
  readonly slices: Slice[]
  rows: number
}

/** The units of a population's block, in the order of its agents' steps. */
interface Tower {
  readonly units: Unit[]
  /** Of the creation that the units from `floor` on are meant for: a deleted one's may lie below. */
  generation: string
  floor: number
  /** depth[row]: the unit after the last one that holds the row's agent. Made when a second slice comes. */
  depth: Int32Array | undefined
}

/** Layer k holds the units that come after k others of their block. Within a layer no block is twice. */
export function layersOf(pending: readonly AdmittedSteps[]): Unit[][] {
  const towers = new Map<string, Tower>()
  const layers: Unit[][] = []
  for (const steps of pending) {
    for (const slice of slicesOf(steps)) {
      const { id, generation } = steps.population
      const key = `${id}:${blockAt(slice)}`
      const tower = towers.get(key)
      if (tower === undefined) {
        towers.set(key, { units: [unitIn(layers, 0, slice)], generation, floor: 0, depth: undefined })
      } else stack(layers, tower, slice)
    }
  }
  return layers
}

/** The block's row of the agent that has this rank in its batch. */
export const rowAt = ({ agents }: AdmittedSteps, rank: number): number => (agents[rank] ?? 0) % BLOCK_AGENTS

const blockAt = ({ steps, from }: Slice): number => Math.floor((steps.agents[from] ?? 0) / BLOCK_AGENTS)

/** A batch's agents ascend, so that those of one block are neighbours. */
function* slicesOf(steps: AdmittedSteps): Generator<Slice> {
  const { agents } = steps
  for (let from = 0; from < agents.length;) {
    const end = (blockAt({ steps, from, to: from }) + 1) * BLOCK_AGENTS
    let to = Math.min(from + BLOCK_AGENTS, agents.length)
    // Of a whole block the last of 256 neighbours is still in it: no search.
    if ((agents[to - 1] ?? end) >= end) for (to = from + 1; (agents[to] ?? end) < end;) to += 1
    yield { steps, from, to }
    from = to
  }
}

function unitIn(layers: Unit[][], layer: number, slice: Slice): Unit {
  const { population, model, fields } = slice.steps
  const block = blockAt(slice)
  const size = Math.min(BLOCK_AGENTS, population.count - block * BLOCK_AGENTS)
  const unit = {
    population,
    block,
    size,
    agentBytes: agentBytesWith(fields, model),
    slices: [slice],
    rows: slice.to - slice.from,
  }
  const units = (layers[layer] ??= [])
  units.push(unit)
  return unit
}

/** Puts a slice on the lowest unit above all that share an agent with it: its steps keep their order. */
function stack(layers: Unit[][], tower: Tower, slice: Slice): void {
  const { steps, from, to } = slice
  const depth = (tower.depth ??= depthOf(tower.units))
  if (tower.generation !== steps.population.generation) {
    tower.generation = steps.population.generation
    tower.floor = tower.units.length
  }
  let layer = tower.floor
  for (let rank = from; rank < to; rank += 1) layer = Math.max(layer, depth[rowAt(steps, rank)] ?? 0)
  for (let rank = from; rank < to; rank += 1) depth[rowAt(steps, rank)] = layer + 1
  const unit = tower.units[layer]
  if (unit === undefined) {
    tower.units.push(unitIn(layers, layer, slice))
    return
  }
  unit.slices.push(slice)
  unit.rows += to - from
}

function depthOf(units: readonly Unit[]): Int32Array {
  const depth = new Int32Array(BLOCK_AGENTS)
  for (const [layer, { slices }] of units.entries()) {
    for (const { steps, from, to } of slices) {
      for (let rank = from; rank < to; rank += 1) depth[rowAt(steps, rank)] = layer + 1
    }
  }
  return depth
}
