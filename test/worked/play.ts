// The closed loop of the worked examples: an agent on the real kernel, in a world that is itself a model.
import { LoneAgent, type LoneStep } from '@cohort/cli'
import type { Model, Tensor } from '@cohort/contracts'
import { drawPair } from '@cohort/worlds'

export interface Game {
  readonly agent: Model
  /** What really happens: its B moves the states, its A shows them. Often the agent's own model. */
  readonly world: Model
  /** [factor]: the states that the world begins in. */
  readonly begin: readonly number[]
  readonly steps: number
  /** Of the agent's own random numbers and of the world's. */
  readonly seed: number
  /** The world shows nothing before the first action. */
  readonly blindStart?: true
  /** Ends the game once the world is in this state of its first factor and the agent has seen it. */
  readonly until?: number
}

export interface Moment extends LoneStep {
  /** [factor]: where the world was when the agent saw it. */
  readonly states: readonly number[]
}

export function play({ agent: model, world, begin, steps, seed, blindStart, until }: Game): Moment[] {
  const agent = new LoneAgent(model, { seed })
  const moments: Moment[] = []
  let states = [...begin]
  for (let t = 0; t < steps; t++) {
    const dice = diceOf(seed, t)
    if (t > 0) states = move(world, states, moments[t - 1]?.action ?? [], dice)
    const seen = t === 0 && blindStart === true ? world.A.map(() => null) : show(world, states, dice)
    moments.push({ ...agent.step(seen), states })
    if (states[0] === until) break
  }
  return moments
}

/** Seeds 0 to 99. */
export const HUNDRED = Array.from({ length: 100 }, (_, seed) => seed)

/** A number in [0, 1) for each purpose, the same for the same seed, step and purpose. */
export function diceOf(seed: number, tick: number): Dice {
  const pair = new Float64Array(2)
  return (purpose) => {
    drawPair({ seed, tick, purpose }, 0, pair)
    return pair[0] ?? 0
  }
}

type Dice = (purpose: number) => number

/** The purposes of the world's draws: factors, then modalities. */
const MODALITIES = 100

function move(world: Model, states: readonly number[], action: readonly number[], dice: Dice): number[] {
  return world.B.map((B, f) => {
    const parents = world.B_dependencies?.[f] ?? [f]
    const controls = world.B_action_dependencies?.[f] ?? [f]
    const from = [...parents.map((parent) => states[parent] ?? 0), ...controls.map((c) => action[c] ?? 0)]
    return draw(B, from, dice(f))
  })
}

function show(world: Model, states: readonly number[], dice: Dice): number[] {
  return world.A.map((A, m) => {
    const factors = world.A_dependencies?.[m] ?? states.map((_, f) => f)
    return draw(
      A,
      factors.map((f) => states[f] ?? 0),
      dice(MODALITIES + m),
    )
  })
}

/** An index of the first axis, each with its probability given the others. */
function draw(table: Tensor, given: readonly number[], dice: number): number {
  let below = 0
  const chosen = table.findIndex((row) => {
    below += entry(row, given)
    return dice < below
  })
  return chosen === -1 ? table.length - 1 : chosen
}

const entry = (row: number | Tensor, [first, ...rest]: readonly number[]): number =>
  typeof row === 'number' ? row : entry(row[first ?? 0] ?? 0, rest)
