// What agents see, step by step, in a world that is as their model says, where the reference kernel acts.
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import { describeModel, ownSlot, validateModel, type ValidModel, writeInitialRows } from '@cohort/inference'
import { type Draw, drawPair } from '@cohort/worlds'
import type { Shape } from './shapes.js'

export const STEPS = 16
export const AGENTS = 256
export const WANTED = { qPi: true, G: true, vfe: false, terms: false } as const
export const NO_EXTRAS = { soft: false, terms: false } as const

export interface Stream {
  readonly shape: Shape
  readonly model: Model
  readonly valid: ValidModel
  readonly info: ReturnType<typeof describeModel>
  readonly initialRows: Uint8Array
  /** i32 [step][modality][agent], [step][control][agent]: what the reference kernel chose. */
  readonly observations: readonly Int32Array[]
  readonly actions: readonly Int32Array[]
  /** What it came to after the last step: rows, f64 [agent][policy], and all its beliefs. */
  readonly rows: Uint8Array
  readonly qPi: Float64Array
  readonly G: Float64Array
  /** f64 [control][agent]: by how much the action of the last step leads the second best. */
  readonly margins: Float64Array
}

export function streamOf(shape: Shape, steps = STEPS): Stream {
  const model = shape.model()
  const valid = validateModel(model, DEFAULT_LIMITS)
  const info = describeModel(valid)
  const { rowBytes, shapes, policies } = info
  const own = ownSlot(valid, { rows: AGENTS, extras: NO_EXTRAS, only: 'reference' })
  const rows = new Uint8Array(own.buffer, own.slot + own.layout.rows, AGENTS * rowBytes)
  writeInitialRows({ model: valid, seed: 7, from: 0, out: rows })
  const initialRows = rows.slice()
  const world = new World(valid)
  const seen = new Int32Array(own.buffer, own.slot + own.layout.obs, AGENTS * shapes.numObs.length)
  const acted = new Int32Array(own.buffer, own.slot + own.layout.actions, AGENTS * shapes.numControls.length)
  const observations: Int32Array[] = []
  const actions: Int32Array[] = []
  for (let step = 0; step < steps; step++) {
    world.observe(step, seen)
    observations.push(seen.slice())
    own.step(WANTED)
    actions.push(acted.slice())
    world.move(step, acted)
  }
  const ofPolicies = (at: number) => new Float64Array(own.buffer, own.slot + at, AGENTS * policies).slice()
  const { qPi, G, margin } = own.layout
  return {
    shape,
    model,
    valid,
    info,
    initialRows,
    observations,
    actions,
    rows: rows.slice(),
    qPi: ofPolicies(qPi),
    G: ofPolicies(G),
    margins: new Float64Array(own.buffer, own.slot + margin, acted.length).slice(),
  }
}

const START = 100
const MOVE = 101
const SEE = 102

/** The true states of all agents; every draw is a function of step and agent alone. */
class World {
  readonly #model: ValidModel
  /** [factor][agent] */
  readonly #states: number[][]

  constructor(model: ValidModel) {
    this.#model = model
    this.#states = model.D.map((D, f) =>
      this.#drawEach(0, START + 10 * f, () => ({ from: D, at: 0, stride: 1 })),
    )
  }

  /** [modality][agent] */
  observe(step: number, out: Int32Array): void {
    const { A, aDependencies, numStates } = this.#model
    A.forEach((matrix, m) => {
      const joint = jointSize(aDependencies[m], numStates)
      const drawn = this.#drawEach(step, SEE + 10 * m, (agent) => ({
        from: matrix,
        at: this.#jointState(aDependencies[m], agent),
        stride: joint,
      }))
      out.set(drawn, m * AGENTS)
    })
  }

  /** `actions`: [control][agent], one control a factor. */
  move(step: number, actions: Int32Array): void {
    const { B, bDependencies, numStates, numControls } = this.#model
    const next = B.map((matrix, f) => {
      const joint = jointSize(bDependencies[f], numStates) * numControls[f]
      return this.#drawEach(step, MOVE + 10 * f, (agent) => ({
        from: matrix,
        at: this.#jointState(bDependencies[f], agent) * numControls[f] + actions[f * AGENTS + agent],
        stride: joint,
      }))
    })
    next.forEach((states, f) => (this.#states[f] = states))
  }

  #jointState(factors: readonly number[], agent: number): number {
    return factors.reduce((at, f) => at * this.#model.numStates[f] + this.#states[f][agent], 0)
  }

  #drawEach(tick: number, purpose: number, columnOf: (agent: number) => Column): number[] {
    const draw: Draw = { seed: 43, tick, purpose }
    const pair = new Float64Array(2)
    return Array.from({ length: AGENTS }, (_, agent) => {
      drawPair(draw, agent, pair)
      return drawn(columnOf(agent), pair[0])
    })
  }
}

/** A distribution: every `stride`-th number from `at` on. */
interface Column {
  readonly from: Float64Array
  readonly at: number
  readonly stride: number
}

function drawn({ from, at, stride }: Column, uniform: number): number {
  let left = uniform
  let last = 0
  for (let i = 0, place = at; place < from.length; i++, place += stride) {
    if (from[place] === 0) continue
    last = i
    left -= from[place]
    if (left < 0) return i
  }
  return last
}

const jointSize = (factors: readonly number[], numStates: readonly number[]): number =>
  factors.reduce((size, f) => size * numStates[f], 1)
