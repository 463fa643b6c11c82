// The grid world: cells and actions in, next cells and observations out, for many agents in flat arrays.
import { type Draw, drawPair, MOVE, pick, SEE, START, WALK } from './draws.js'
import { type Grid, GRID_ACTIONS, target } from './grid.js'

/** Which agents, and when. Agent i of the arrays draws the random numbers of agent `firstAgent + i`. */
export interface Moment {
  readonly grid: Grid
  readonly seed: number
  readonly firstAgent: number
  /** Moves made so far. */
  readonly tick: number
}

/** Puts each agent on a random cell other than its goal: nobody begins where it wants to be. */
export function startCells(moment: Moment, goals: Int32Array, cells: Int32Array): void {
  const count = moment.grid.size ** 2
  draws(moment, START, cells, (i, first) => pickOther(first, count, goals[i] ?? 0))
}

/** Moves every agent in place: as its action says with probability `movesRight`, else to any other cell. */
export function moveAgents(moment: Moment, actions: Int32Array, cells: Int32Array): void {
  const { size, movesRight } = moment.grid
  draws(moment, MOVE, cells, (i, first, second) => {
    const goes = target(size, cells[i] ?? 0, actions[i] ?? 0)
    return first < movesRight ? goes : pickOther(second, size * size, goes)
  })
}

/** Writes what each agent sees: its own cell with probability `seenRight`, else any other cell. */
export function observeCells(moment: Moment, cells: Int32Array, seen: Int32Array): void {
  const { size, seenRight } = moment.grid
  draws(moment, SEE, seen, (i, first, second) => {
    const cell = cells[i] ?? 0
    return first < seenRight ? cell : pickOther(second, size * size, cell)
  })
}

/** The policy that knows nothing: one of the five actions, each equally likely. */
export function walkRandomly(moment: Moment, actions: Int32Array): void {
  draws(moment, WALK, actions, (_, first) => pick(first, GRID_ACTIONS.length))
}

/** Notes in `reachedAt` (−1 where never) the tick at which an agent first stands on its goal. */
export function markGoals(
  tick: number,
  places: { readonly goals: Int32Array; readonly cells: Int32Array },
  reachedAt: Int32Array,
): void {
  for (let i = 0; i < reachedAt.length; i++) {
    if (reachedAt[i] === -1 && places.cells[i] === places.goals[i]) reachedAt[i] = tick
  }
}

/** Fills `out` with what `value` makes of each agent's own two random numbers. */
function draws(
  { seed, tick, firstAgent }: Moment,
  purpose: number,
  out: Int32Array,
  value: (i: number, first: number, second: number) => number,
): void {
  const draw: Draw = { seed, tick, purpose }
  for (let i = 0; i < out.length; i++) {
    drawPair(draw, firstAgent + i, pair)
    out[i] = value(i, pair[0] ?? 0, pair[1] ?? 0)
  }
}

/** Any of `count` cells but one, each equally likely. */
function pickOther(uniform: number, count: number, not: number): number {
  const cell = pick(uniform, count - 1)
  return cell < not ? cell : cell + 1
}

const pair = new Float64Array(2)
