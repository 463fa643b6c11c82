// Beliefs of one policy about the window and its own future, by sweeps of marginal message passing.
import { logOf, softmax } from '../math/log-exp.js'
import type { CompiledModel } from '../model/compiled.js'
import type { MessagePassing } from './message-scratch.js'
import { comeFrom, hear, isLate, lookBack } from './messages.js'
import { addErrors, addSlipped, freeEnergyOfWindow } from './window-free-energy.js'

/**
 * `passing.q[policy]` and its free energies, from the window in `passing` and `passing.prior`: Parr, Markovic,
 * Kiebel & Friston, "Neuronal message passing using mean-field, Bethe, and marginal approximations", Sci. Rep. 9,
 * 2019; pymdp's `run_mmp_factorized`, from which the ½ and the late times are (SPM has neither). All beliefs begin
 * uniform; `numIter` sweeps go over times t and, within, over factors f, each from the newest beliefs of the
 * others. Every ln is ln(x + 1e-16).
 *
 *     lnA      Σ_m ln Σ A[m][o_t, s…] Π q_t(others)               0 in the future and where nothing was seen
 *     lnPast   ln B[f][a_t−1] Π q_t−1                             at the first time ln prior
 *     lnFuture ½ Σ_i ln Σ_s′ b[s′][s] / Σ_s b[s′][s] · q_t+1,i(s′)  over factors i that f moves; b: B[i][a_t]
 *              with i's other parents averaged out; 0 from time past + policyLen − 2 on, where also c = 1
 *
 *     gradientDescent    q ← softmax(ln q + τ (ε − mean ε)),  ε = c lnA + lnPast + lnFuture − c ln q,  c = 2
 *     without            q ← softmax(lnA + lnPast + lnFuture)
 *
 * The other parents of i are averaged out by the beliefs of time t, whose states b leads from; with `matchPymdp`
 * by those of t + 1, as pymdp does.
 */
export function inferPolicy(model: CompiledModel, passing: MessagePassing, policy: number): void {
  const { matchPymdp, numIter } = model.options
  const { F, freeEnergy } = passing
  enterPolicy(model, passing, policy)
  beginUniform(model, passing)
  for (let k = 0; k < numIter; k++) {
    F[policy] = 0
    for (let t = 0; t < passing.times; t++) {
      updateTime(model, passing, t)
      F[policy] += passing.added
    }
  }
  freeEnergyOfWindow(model, passing, policy)
  if (!matchPymdp) F[policy] = freeEnergy[policy]
}

/** Points at the policy's beliefs, and lines up what was done with what it would do. */
export function enterPolicy(
  { options, policyAction, policyLen, stateAt, states }: CompiledModel,
  passing: MessagePassing,
  policy: number,
): void {
  const { actions, at, jointAction } = passing
  const past = passing.length[0]
  passing.past = past
  passing.times = past + policyLen
  const from = policy * (options.window + policyLen) * states
  for (let t = 0; t < passing.times; t++) {
    for (let f = 0; f < stateAt.length; f++) at[t][f] = from + t * states + stateAt[f]
    const ahead = t - (past - 1)
    jointAction[t] = ahead < 0 ? actions[t] : ahead < policyLen ? policyAction[policy * policyLen + ahead] : 0
  }
}

function beginUniform({ numStates }: CompiledModel, { at, q, times }: MessagePassing): void {
  for (let t = 0; t < times; t++) {
    for (let f = 0; f < numStates.length; f++)
      for (let s = 0; s < numStates[f]; s++) q[at[t][f] + s] = 1 / numStates[f]
  }
}

/** All factors at one time; with `matchPymdp`, `passing.added` is what this adds to pymdp's F. */
function updateTime(model: CompiledModel, passing: MessagePassing, t: number): void {
  const { numStates, options } = model
  const { at, here, next, q, times } = passing
  for (let i = 0; i < here.length; i++) here[i] = q[at[t][0] + i]
  if (t + 1 < times) for (let i = 0; i < next.length; i++) next[i] = q[at[t + 1][0] + i]
  passing.added = 0
  for (let f = 0; f < numStates.length; f++) {
    hear(model, passing, t, f)
    comeFrom(model, passing, t, f)
    lookBack(model, passing, t, f)
    if (options.gradientDescent) descend(model, passing, t, f)
    else settle(model, passing, f)
  }
  for (let i = 0; i < here.length; i++) q[at[t][0] + i] = here[i]
  if (options.matchPymdp && !options.gradientDescent) addSlipped(model, passing, t)
}

/** One step down the gradient, and what the belief before it adds to pymdp's F. */
function descend(model: CompiledModel, passing: MessagePassing, t: number, f: number): void {
  const { numStates, options, stateAt } = model
  const { fromFuture, fromPast, fromSeen, here, logBelief, error } = passing
  const update = passing.update[f]
  const c = isLate(model, passing, t) ? 1 : 2
  const states = numStates[f]
  let mean = 0
  for (let s = 0; s < states; s++) {
    logBelief[s] = logOf(here[stateAt[f] + s])
    error[s] = c * fromSeen[s] + fromPast[s] + fromFuture[s] - c * logBelief[s]
    mean += error[s]
  }
  mean /= states
  if (options.matchPymdp) addErrors(model, passing, t, f)
  for (let s = 0; s < states; s++) update[s] = logBelief[s] + options.tau * (error[s] - mean)
  takeUpdate(model, passing, f)
}

function settle(model: CompiledModel, passing: MessagePassing, f: number): void {
  const { fromFuture, fromPast, fromSeen } = passing
  const update = passing.update[f]
  for (let s = 0; s < update.length; s++) update[s] = fromSeen[s] + fromPast[s] + fromFuture[s]
  takeUpdate(model, passing, f)
}

function takeUpdate({ stateAt }: CompiledModel, { here, update }: MessagePassing, f: number): void {
  softmax(update[f])
  for (let s = 0; s < update[f].length; s++) here[stateAt[f] + s] = update[f][s]
}
