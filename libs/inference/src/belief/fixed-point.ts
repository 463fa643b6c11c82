// Posterior beliefs by fixed-point iteration on the mean-field free energy (pymdp's "VANILLA").
import { logOf, softmax } from '../math/log-exp.js'
import { contract } from '../math/tensor.js'
import type { Message } from '../model/compiled.js'
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
export function inferStates(scratch: Scratch): void {
  const { numIter, computeVfe, sweeps: order } = scratch.mind.options
  const { vfeTrace } = scratch
  const inTurn = order === 'sequential'
  const several = scratch.qs.length > 1
  const follow = several && computeVfe
  const most = several ? numIter : 1
  observe(scratch)
  takeLogPrior(scratch)
  beginUniform(scratch)
  gatherMessages(scratch)
  takeComplexityOfUniform(scratch)
  let sweeps = 0
  vfeTrace[0] = scratch.complexity
  while (sweeps < most && !(follow && isSettled(scratch, sweeps))) {
    if (inTurn) updateInTurn(scratch)
    else updateBeliefs(scratch)
    sweeps++
    // The next sweep's messages also give this one's accuracy.
    if (several) gatherMessages(scratch)
    if (!follow) continue
    takeComplexity(scratch)
    vfeTrace[sweeps] = scratch.complexity - scratch.accuracy
  }
  scratch.iterations = sweeps
}

/** Whether the last sweep changed the free energy by little. Before the first, `dF` stands for the change. */
function isSettled({ mind, vfeTrace }: Scratch, sweeps: number): boolean {
  const { dF, dFTol } = mind.options
  return sweeps === 0 ? dF < dFTol : Math.abs(vfeTrace[sweeps - 1] - vfeTrace[sweeps]) < dFTol
}

/** `scratch.vfe`: the free energy of the belief that has just been inferred; it takes time, and not all want it. */
export function takeFreeEnergy(scratch: Scratch): void {
  // Of several factors, the messages of their last beliefs are there.
  if (scratch.qs.length === 1) gatherMessages(scratch)
  takeComplexity(scratch)
  scratch.vfe = scratch.complexity - scratch.accuracy
}

function takeLogPrior({ prior, logPrior }: Scratch): void {
  for (let f = 0; f < prior.length; f++) {
    for (let s = 0; s < prior[f].length; s++) logPrior[f][s] = logOf(prior[f][s])
  }
}

function beginUniform({ qs }: Scratch): void {
  for (let f = 0; f < qs.length; f++) for (let s = 0; s < qs[f].length; s++) qs[f][s] = 1 / qs[f].length
}

/**
 * messages[f][s_f] = Σ over groups that depend on f of the L expected under the beliefs about all other
 * factors.
 */
function gatherMessages(scratch: Scratch): void {
  const { likelihood, messages, mind } = scratch
  const { groups } = mind
  for (let f = 0; f < messages.length; f++) messages[f].fill(0)
  scratch.accuracy = 0
  for (let g = 0; g < groups.length; g++) {
    const outgoing = groups[g].messages
    if (outgoing.length === 0) scratch.accuracy += likelihood[g][0]
    for (let k = 0; k < outgoing.length; k++) {
      const tensor = addMessage(outgoing[k], likelihood[g], scratch)
      if (k === 0) addAccuracy(scratch, tensor, outgoing[k].factor)
    }
  }
}

/** Adds one group's message to one factor, and returns it by itself. */
function addMessage(
  { factor, contractions }: Message,
  L: Float64Array,
  { agent, contracted, messages }: Scratch,
): Float64Array {
  let tensor = L
  for (let k = 0; k < contractions.length; k++) {
    contract(contractions[k], tensor, agent.beliefs, contracted)
    tensor = contracted
  }
  const message = messages[factor]
  for (let s = 0; s < message.length; s++) message[s] += tensor[s]
  return tensor
}

/** A group's L expected under all beliefs, from its message to one factor. */
function addAccuracy(scratch: Scratch, message: Float64Array, factor: number): void {
  const q = scratch.qs[factor]
  let expected = 0
  for (let s = 0; s < q.length; s++) expected += message[s] * q[s]
  scratch.accuracy += expected
}

/** q_f = softmax(message_f + ln prior_f), all factors at once. */
function updateBeliefs(scratch: Scratch): void {
  for (let f = 0; f < scratch.qs.length; f++) updateBelief(scratch, f)
}

/** The same, each factor from messages that know of the ones before it. */
function updateInTurn(scratch: Scratch): void {
  const { likelihood, messages, mind, qs } = scratch
  const { groups } = mind
  for (let f = 0; f < qs.length; f++) {
    messages[f].fill(0)
    for (let g = 0; g < groups.length; g++) {
      const outgoing = groups[g].messages
      for (let k = 0; k < outgoing.length; k++)
        if (outgoing[k].factor === f) addMessage(outgoing[k], likelihood[g], scratch)
    }
    updateBelief(scratch, f)
  }
}

function updateBelief({ qs, messages, logPrior }: Scratch, f: number): void {
  for (let s = 0; s < qs[f].length; s++) qs[f][s] = messages[f][s] + logPrior[f][s]
  softmax(qs[f])
}

/** Σ_f Σ q (ln q − ln prior). */
function takeComplexity(scratch: Scratch): void {
  const { qs, logPrior } = scratch
  let sum = 0
  for (let f = 0; f < qs.length; f++) {
    for (let s = 0; s < qs[f].length; s++) sum += qs[f][s] * (logOf(qs[f][s]) - logPrior[f][s])
  }
  scratch.complexity = sum
}

/** The same for q = 1/n, with one logarithm a factor: it is taken in every step. */
function takeComplexityOfUniform(scratch: Scratch): void {
  const { logPrior } = scratch
  let sum = 0
  for (let f = 0; f < logPrior.length; f++) {
    const log = logPrior[f]
    let total = 0
    for (let s = 0; s < log.length; s++) total += log[s]
    sum += logOf(1 / log.length) - total / log.length
  }
  scratch.complexity = sum
}
