// Inductive planning: a policy pays for every predicted step that leaves the shortest way back from a goal.
import type { Scratch } from '../scratch.js'
import { INDUCTIVE, type PredictedStep } from './predicted-step.js'

/** What a state off the way costs: ln 1e-3, as in pymdp's `calc_inductive_cost`. */
const OFF_THE_WAY = Math.log(1e-3)
const NO_WAY = -1

/**
 * `scratch.aim[f]`: the level of `reach[f]` that the next step should be in. The agent is where it believes most
 * to be; the goal is `level` steps away, so it should then be `level − 1` away (at the goal: stay).
 * `beliefs`: [factor][state], flat.
 */
export function aimAtGoals({ mind, aim }: Scratch, beliefs: Float64Array): void {
  const { reach, numStates, stateAt } = mind
  for (let f = 0; f < aim.length; f++) {
    aim[f] = NO_WAY
    const levels = reach[f]
    if (levels === null) continue
    const here = mostLikely(beliefs, stateAt[f], numStates[f])
    for (let level = 0; level * numStates[f] < levels.length; level++) {
      if (levels[level * numStates[f] + here] !== 1) continue
      aim[f] = Math.max(level - 1, 0)
      break
    }
  }
}

/**
 * Adds Σ_f Σ_s q_f(s) (1 − reach[f][aim][s]) ln 1e-3: the belief to be off the way, by what that costs. A factor
 * without a goal, or from which there is no way within `inductiveDepth` steps, adds nothing.
 */
export function addInductiveCost(
  { mind, aim }: Scratch,
  { beliefs, at }: PredictedStep,
  terms: Float64Array,
): void {
  const { reach, numStates } = mind
  for (let f = 0; f < aim.length; f++) {
    const levels = reach[f]
    if (levels === null || aim[f] === NO_WAY) continue
    const from = aim[f] * numStates[f]
    for (let s = 0; s < numStates[f]; s++)
      terms[INDUCTIVE] += (1 - levels[from + s]) * OFF_THE_WAY * beliefs[at[f] + s]
  }
}

function mostLikely(beliefs: Float64Array, at: number, states: number): number {
  let best = 0
  for (let s = 1; s < states; s++) if (beliefs[at + s] > beliefs[at + best]) best = s
  return best
}
