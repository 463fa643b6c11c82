// Posterior beliefs by fixed-point iteration on the mean-field free energy (pymdp's "VANILLA").
import { logOf, softmax } from '../math/log-exp.js'
import { contract } from '../math/tensor.js'
import type { CompiledModel, Message } from '../model/compiled.js'
import type { Scratch } from '../scratch.js'
import { observe } from './observe.js'

/**
 * From `scratch.prior` and the observation to `scratch.agent.beliefs`; every ln is ln(x + 1e-16).
 *
 * One factor: softmax(Σ_m ln A[m][o_m] + ln prior), which is Bayes' rule. Several: sweeps from uniform beliefs,
 * until the free energy changes by less than `dFTol` or `numIter` of them are done. `simultaneous`: all factors
 * at once (Jacobi), each from the others' old beliefs; this can oscillate, and the last sweep then stands, as in
 * pymdp's `run_vanilla_fpi`. `sequential`: one factor after the other, each from the newest beliefs of the others
 * (coordinate ascent: Bishop, "Pattern Recognition and Machine Learning", 2006, section 10.1.1, eq. 10.9), so
 * that no sweep raises the free energy.
 */
export function inferStates(model: CompiledModel, scratch: Scratch, wantVfe: boolean): void {
  const { numIter, dF, dFTol, computeVfe, sweeps: order } = model.options
  const inTurn = order === 'sequential'
  const several = scratch.qs.length > 1
  const follow = several && computeVfe
  const most = several ? numIter : 1
  observe(model, scratch)
  takeLogPrior(scratch)
  beginUniform(scratch)
  gatherMessages(model, scratch)
  let vfe = complexityOfUniform(scratch)
  let change = follow ? dF : Infinity
  let sweeps = 0
  scratch.vfeTrace[0] = vfe
  while (sweeps < most && !(follow && change < dFTol)) {
    if (inTurn) updateInTurn(model, scratch)
    else updateBeliefs(scratch)
    sweeps++
    // The next sweep's messages also give this one's accuracy.
    if (several || wantVfe) gatherMessages(model, scratch)
    if (!follow) continue
    const before = vfe
    scratch.vfeTrace[sweeps] = vfe = complexity(scratch) - scratch.accuracy
    change = Math.abs(before - vfe)
  }
  scratch.iterations = sweeps
  if (wantVfe) scratch.vfe = complexity(scratch) - scratch.accuracy
}

function takeLogPrior({ prior, logPrior }: Scratch): void {
  for (let f = 0; f < prior.length; f++) {
    for (let s = 0; s < prior[f].length; s++) logPrior[f][s] = logOf(prior[f][s])
  }
}

function beginUniform({ qs }: Scratch): void {
  for (const q of qs) q.fill(1 / q.length)
}

/**
 * messages[f][s_f] = Σ over groups that depend on f of the L expected under the beliefs about all other
 * factors.
 */
function gatherMessages({ groups }: CompiledModel, scratch: Scratch): void {
  const { likelihood, messages } = scratch
  for (const message of messages) message.fill(0)
  scratch.accuracy = 0
  for (let g = 0; g < groups.length; g++) {
    const outgoing = groups[g].messages
    if (outgoing.length === 0) scratch.accuracy += likelihood[g][0]
    for (let k = 0; k < outgoing.length; k++) {
      const expected = addMessage(outgoing[k], likelihood[g], scratch)
      if (k === 0) scratch.accuracy += expected
    }
  }
}

/** Adds one group's message to one factor; returns the group's L expected under all beliefs. */
function addMessage(
  { factor, contractions }: Message,
  L: Float64Array,
  { agent, contracted, messages, qs }: Scratch,
): number {
  let tensor = L
  for (const contraction of contractions) {
    contract(contraction, tensor, agent.beliefs, contracted)
    tensor = contracted
  }
  const message = messages[factor]
  const q = qs[factor]
  let expected = 0
  for (let s = 0; s < q.length; s++) {
    message[s] += tensor[s]
    expected += tensor[s] * q[s]
  }
  return expected
}

/** q_f = softmax(message_f + ln prior_f), all factors at once. */
function updateBeliefs(scratch: Scratch): void {
  for (let f = 0; f < scratch.qs.length; f++) updateBelief(scratch, f)
}

/** The same, each factor from messages that know of the ones before it. */
function updateInTurn({ groups }: CompiledModel, scratch: Scratch): void {
  const { likelihood, messages, qs } = scratch
  for (let f = 0; f < qs.length; f++) {
    messages[f].fill(0)
    for (let g = 0; g < groups.length; g++) {
      for (const message of groups[g].messages)
        if (message.factor === f) addMessage(message, likelihood[g], scratch)
    }
    updateBelief(scratch, f)
  }
}

function updateBelief({ qs, messages, logPrior }: Scratch, f: number): void {
  for (let s = 0; s < qs[f].length; s++) qs[f][s] = messages[f][s] + logPrior[f][s]
  softmax(qs[f])
}

/** Σ_f Σ q (ln q − ln prior). */
function complexity({ qs, logPrior }: Scratch): number {
  let sum = 0
  for (let f = 0; f < qs.length; f++) {
    for (let s = 0; s < qs[f].length; s++) sum += qs[f][s] * (logOf(qs[f][s]) - logPrior[f][s])
  }
  return sum
}

/** The same for q = 1/n, with one logarithm a factor: it is taken in every step. */
function complexityOfUniform({ logPrior }: Scratch): number {
  let sum = 0
  for (const log of logPrior) {
    let total = 0
    for (let s = 0; s < log.length; s++) total += log[s]
    sum += logOf(1 / log.length) - total / log.length
  }
  return sum
}
