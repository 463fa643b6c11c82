// leg: compute. Steps the rows of a slot, a tile of agents at a time: the batched kernel. Called by kernel/wasm.ts
import { CHUNK, CONSTANTS_AT, PRODUCT, SCRATCH_LANES, TASK_FROM, TASK_TO } from '../words'
import { actionMarginals, chooseActions, policyPosterior } from './choose'
import { inferFixedPoint } from './fixed-point'
import { predictPrior } from './perceive'
import { expectedFreeEnergy } from './plan'
import { inferProduct } from './product'
import { enterTask, has, room, scratch, word } from './program'
import { exp, LANES, log, PER_VECTOR, prepare, SIZE } from './real'
import { orderRows, takeTile, writeLane } from './rows'

/**
 * One agent's step, as step.ts reads, for all rows of a task: words.ts says what stands at `task`, where the thread's
 * scratch begins. Nothing that a lane computes hangs on another lane, so neither does a result on the block it was in.
 */
export function stepRows(task: usize): void {
  enterTask(task)
  prepare(task + CONSTANTS_AT)
  const to = word(task, TASK_TO)
  for (let from = word(task, TASK_FROM); from < to; from += CHUNK) {
    const rows = orderRows(from, min<u32>(from + CHUNK, to))
    for (let first: u32 = 0; first < rows; first += LANES) stepTile(first, min<u32>(LANES, rows - first))
  }
}

function stepTile(first: u32, agents: u32): void {
  takeTile(first, agents)
  predictPrior()
  if (has(PRODUCT)) inferProduct()
  else inferFixedPoint()
  expectedFreeEnergy()
  policyPosterior()
  actionMarginals()
  const actions = room(SCRATCH_LANES) + ((<usize>LANES) << 2)
  chooseActions(actions)
  for (let lane: u32 = 0; lane < agents; lane++) writeLane(lane, load<u32>(actions + (lane << 2)))
}

/**
 * to[i] = ln from[i], and e^from[i], `count` a multiple of a vector: for tests of their accuracy.
 */
export function logAll(scratch: usize, from: usize, to: usize, count: i32): void {
  prepare(scratch + CONSTANTS_AT)
  for (let i = 0; i < count; i += PER_VECTOR) v128.store(to + i * SIZE, log(v128.load(from + i * SIZE)))
}

export function expAll(scratch: usize, from: usize, to: usize, count: i32): void {
  prepare(scratch + CONSTANTS_AT)
  for (let i = 0; i < count; i += PER_VECTOR) v128.store(to + i * SIZE, exp(v128.load(from + i * SIZE)))
}
