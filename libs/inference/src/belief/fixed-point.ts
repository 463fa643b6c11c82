// Posterior beliefs by fixed-point iteration on the mean-field free energy (pymdp's "VANILLA").
import { logOf, softmax } from '../math/log-exp.js'
import { contract } from '../math/tensor.js'
import type { CompiledModel, Message } from '../model/compiled.js'
import type { Scratch } from '../scratch.js'

/**
 * From `scratch.prior` and the observation to `scratch.agent.beliefs`; every ln is ln(x + 1e-16).
 *
 * One factor: softmax(Σ_m ln A[m][o_m] + ln prior), which is Bayes' rule. Several: from uniform beliefs, all
 * factors at once (Jacobi), each from the others' old beliefs, until the free energy changes by less than
 * `dFTol` or `numIter` sweeps are done. Simultaneous sweeps can oscillate; the last one then stands, as in
 * pymdp's `run_vanilla_fpi`.
 */
export function inferStates(model: CompiledModel, scratch: Scratch, wantVfe: boolean): void {
  const { numIter, dF, dFTol, computeVfe } = model.options
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
    updateBeliefs(scratch)
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

/** L[s…] = Σ_m ln A[m][o_m][s…] over the modalities of each group; one that was not seen says nothing. */
function observe({ groups, logA }: CompiledModel, { agent, likelihood }: Scratch): void {
  for (let g = 0; g < groups.length; g++) {
    const L = likelihood[g]
    L.fill(0)
    for (const m of groups[g].modalities) {
      const seen = agent.observation[m]
      if (seen < 0) continue
      const from = seen * L.length
      for (let s = 0; s < L.length; s++) L[s] += logA[m][from + s]
    }
  }
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
function updateBeliefs({ qs, messages, logPrior }: Scratch): void {
  for (let f = 0; f < qs.length; f++) {
    for (let s = 0; s < qs[f].length; s++) qs[f][s] = messages[f][s] + logPrior[f][s]
    softmax(qs[f])
  }
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
