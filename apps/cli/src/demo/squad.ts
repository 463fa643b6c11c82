// Agents of one population with their part of the world: they step in one request, at their own pace.
import {
  GRID5_NOISY,
  GRID_ACTIONS,
  markGoals,
  type Moment,
  moveAgents,
  observeCells,
  startCells,
  walkRandomly,
} from '@cohort/worlds'

/** Steps of one request: what one job holds, so that large populations have several in flight. */
export const SQUAD_AGENTS = 4096

export interface SquadPlace {
  readonly population: string
  readonly goal: number
  /** Its agents in the population: `from` … `from + count − 1`. */
  readonly from: number
  readonly count: number
  /** The number of its first agent in the whole world. */
  readonly firstAgent: number
  readonly seed: number
}

const STAY = GRID_ACTIONS.indexOf('stay')

/** Where these agents are, and in the same world, from the same cells, as many that walk at random. */
export class Squad {
  readonly place: SquadPlace
  readonly cells: Int32Array
  readonly walkCells: Int32Array
  /** The tick of the first arrival at the goal; −1 before it. */
  readonly reachedAt: Int32Array
  readonly walkReachedAt: Int32Array
  readonly #goals: Int32Array
  readonly #seen: Int32Array
  readonly #actions: Int32Array
  #tick = 0

  constructor(place: SquadPlace) {
    this.place = place
    this.#goals = new Int32Array(place.count).fill(place.goal)
    this.#seen = new Int32Array(place.count)
    this.#actions = new Int32Array(place.count)
    this.cells = new Int32Array(place.count)
    startCells(this.#moment, this.#goals, this.cells)
    this.walkCells = this.cells.slice()
    this.reachedAt = new Int32Array(place.count).fill(-1)
    this.walkReachedAt = new Int32Array(place.count).fill(-1)
  }

  /** Steps that each of its agents has taken. */
  get tick(): number {
    return this.#tick
  }

  /** What its agents see now. The array is reused. */
  observe(): Int32Array {
    observeCells(this.#moment, this.cells, this.#seen)
    return this.#seen
  }

  /** The world moves on: `actions[i]` is what `agents[i]` does; whoever is not named tries to stay. */
  act(agents: readonly number[], actions: readonly number[]): void {
    this.#actions.fill(STAY)
    agents.forEach((agent, i) => (this.#actions[agent - this.place.from] = actions[i] ?? STAY))
    moveAgents(this.#moment, this.#actions, this.cells)
    walkRandomly(this.#moment, this.#actions)
    moveAgents(this.#moment, this.#actions, this.walkCells)
    this.#tick += 1
    markGoals(this.#tick, { goals: this.#goals, cells: this.cells }, this.reachedAt)
    markGoals(this.#tick, { goals: this.#goals, cells: this.walkCells }, this.walkReachedAt)
  }

  get #moment(): Moment {
    const { seed, firstAgent } = this.place
    return { grid: GRID5_NOISY, seed, firstAgent, tick: this.#tick }
  }
}
