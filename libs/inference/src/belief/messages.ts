// What one factor hears at one time: of what was seen then, of what came before, of what comes after.
import { EPS, logOf } from '../math/log-exp.js'
import { contract, type Contraction, jointBelief, multiply } from '../math/tensor.js'
import type { CompiledModel } from '../model/compiled.js'
import { NOT_SEEN } from '../slot.js'
import { type MessagePassing, type Moved, sumRows } from './message-scratch.js'
import { transition } from './predict.js'

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
  for (let k = 0; k < heard[f].length; k++) {
    const { modality, contractions } = heard[f][k]
    const seen = observations[t * numObs.length + modality]
    if (seen === NOT_SEEN) continue
    const expected = averaged(contractions, rows[modality][seen], here, passing.tensor)
    for (let s = 0; s < numStates[f]; s++) fromSeen[s] += logOf(expected[s])
  }
}

/** `fromPast` = lnPast. */
export function comeFrom(model: CompiledModel, passing: MessagePassing, t: number, f: number): void {
  const { numStates, parents, stateAt } = model
  const { at, fromPast, jointAction, parentBelief, prior, q } = passing
  const states = numStates[f]
  if (t === 0) {
    for (let s = 0; s < states; s++) fromPast[s] = logOf(prior[stateAt[f] + s])
    return
  }
  jointBelief(parents[f], q, at[t - 1], parentBelief[f])
  multiply(transition(model, jointAction[t - 1], f), parentBelief[f], fromPast, 0)
  for (let s = 0; s < states; s++) fromPast[s] = logOf(fromPast[s])
}

/** `fromFuture` = lnFuture. */
export function lookBack(model: CompiledModel, passing: MessagePassing, t: number, f: number): void {
  const { fromFuture, moved, wayBack } = passing
  fromFuture.fill(0)
  if (isLate(model, passing, t)) return
  for (let k = 0; k < moved[f].length; k++) {
    comeBack(model, passing, t, moved[f][k])
    for (let s = 0; s < model.numStates[f]; s++) fromFuture[s] += 0.5 * logOf(wayBack[s])
  }
}

/** `wayBack` = Σ_s′ b[s′] / Σ b[s′] · q_t+1(s′), of one factor that the one at hand moves. */
function comeBack(model: CompiledModel, passing: MessagePassing, t: number, moved: Moved): void {
  const { B, factorActions, numStates, options, stateAt } = model
  const { here, jointAction, next, rowSums, sumsOfB, tensor, wayBack } = passing
  const { factor, contractions, columns } = moved
  const own = factorActions[jointAction[t] * numStates.length + factor]
  const b = averaged(contractions, B[factor][own], options.matchPymdp ? next : here, tensor)
  const known = sumsOfB[factor]
  if (known === null) sumRows(b, numStates[factor], columns, rowSums)
  const sums = known === null ? rowSums : known[own]
  wayBack.fill(0)
  for (let row = 0; row < numStates[factor]; row++) {
    const weight = next[stateAt[factor] + row]
    const from = row * columns
    for (let s = 0; s < columns; s++) wayBack[s] += (weight * (b[from + s] + EPS)) / sums[row]
  }
}

/** From here on nothing is heard of the future. */
export const isLate = ({ policyLen }: CompiledModel, { past }: MessagePassing, t: number): boolean =>
  t >= past + policyLen - 2

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
