// What one factor hears at one time: of what was seen then, of what came before, of what comes after.
import { logOf } from '../math/log-exp.js'
import { contract, type Contraction, jointBelief, multiply } from '../math/tensor.js'
import type { CompiledModel } from '../model/compiled.js'
import { NOT_SEEN } from '../slot.js'
import type { MessagePassing } from './message-scratch.js'

/** `fromSeen` = lnA. */
export function hear(
  { numObs, numStates }: CompiledModel,
  passing: MessagePassing,
  t: number,
  f: number,
): void {
  const { fromSeen, heard, here, observations, past, rows } = passing
  fromSeen.fill(0)
  if (t >= past) return
  for (const { modality, contractions } of heard[f]) {
    const seen = observations[t * numObs.length + modality]
    if (seen === NOT_SEEN) continue
    const expected = averaged(contractions, rows[modality][seen], here, passing.tensor)
    for (let s = 0; s < numStates[f]; s++) fromSeen[s] += logOf(expected[s])
  }
}

/** `fromPast` = lnPast. */
export function comeFrom(model: CompiledModel, passing: MessagePassing, t: number, f: number): void {
  const { B, factorActions, numStates, parents, stateAt } = model
  const { at, fromPast, jointAction, parentBelief, prior, q } = passing
  const states = numStates[f]
  if (t === 0) {
    for (let s = 0; s < states; s++) fromPast[s] = logOf(prior[stateAt[f] + s])
    return
  }
  jointBelief(parents[f], q, at[t - 1], parentBelief[f])
  const own = factorActions[jointAction[t - 1] * parents.length + f]
  multiply(B[f][own], parentBelief[f], fromPast, 0)
  for (let s = 0; s < states; s++) fromPast[s] = logOf(fromPast[s])
}

/** `fromFuture` = lnFuture. */
export function lookBack(model: CompiledModel, passing: MessagePassing, t: number, f: number): void {
  const { B, factorActions, numStates, options, parents, stateAt } = model
  const { fromFuture, here, jointAction, moved, next, tensor } = passing
  const message = passing.update[f]
  fromFuture.fill(0)
  if (isLate(model, passing, t)) return
  for (const { factor, contractions } of moved[f]) {
    const own = factorActions[jointAction[t] * parents.length + factor]
    const b = averaged(contractions, B[factor][own], options.matchPymdp ? next : here, tensor)
    message.fill(0)
    for (let after = 0; after < numStates[factor]; after++)
      addRow(message, b, after * message.length, next[stateAt[factor] + after])
    for (let s = 0; s < message.length; s++) fromFuture[s] += 0.5 * logOf(message[s])
  }
}

/** From here on nothing is heard of the future. */
export const isLate = ({ policyLen }: CompiledModel, { past }: MessagePassing, t: number): boolean =>
  t >= past + policyLen - 2

/** Under a sum of transitions, pymdp's stabiliser. */
const EPS = 1e-16

/** Adds weight · row / Σ row, of the row of `b` that begins at `from`. */
function addRow(message: Float64Array, b: Float64Array, from: number, weight: number): void {
  let sum = 0
  for (let s = 0; s < message.length; s++) sum += b[from + s] + EPS
  for (let s = 0; s < message.length; s++) message[s] += (weight * (b[from + s] + EPS)) / sum
}

function averaged(
  plan: readonly Contraction[],
  whole: Float64Array,
  beliefs: Float64Array,
  out: Float64Array,
): Float64Array {
  let tensor = whole
  for (let k = 0; k < plan.length; k++) {
    contract(plan[k], tensor, beliefs, out)
    tensor = out
  }
  return tensor
}
