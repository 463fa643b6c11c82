// Sophisticated inference: a search of the tree of actions and what would be seen after each.
import { CohortError } from '@cohort/contracts'
import { inferExactly } from '../belief/exact.js'
import { inferStates } from '../belief/fixed-point.js'
import { predictChildren } from '../belief/predict.js'
import { softmax } from '../math/log-exp.js'
import { jointBelief, multiply } from '../math/tensor.js'
import type { CompiledModel } from '../model/compiled.js'
import type { Scratch } from '../scratch.js'
import { enter } from './expected-free-energy.js'
import { addNodeValue, addTransitionValue, keepTerms, sumOfTerms } from './node-value.js'
import type { Transition } from './predicted-step.js'
import type { Perceived, SearchNode } from './search-memory.js'

/**
 * `scratch.G[policy]` of policies of one step, each the beginning of a tree of `horizon` steps: Friston et al.,
 * "Sophisticated inference", Neural Computation 33(3), 2021, its recursive expected free energy; pymdp's
 * `sophisticated_inference_search`, which has γ = 1 and no E.
 *
 *     G(b, a) = value(b, a) + Σ_o p(o | b, a) Σ_a′ p(a′ | b′) G(b′, a′)     b′: belief b after a and o
 *     p(a | b) = softmax(γ·G(b, a) + ln E(a) at the root)
 *
 * `value` is that of a policy of one step, see node-value.ts; p(o | b, a) = Π_m q(o_m), as if modalities were
 * independent, as in pymdp. What is looked at further is an action with
 * p(a | b), of its value alone, of at least `policyPruneThreshold` (G of others is less by `prunePenalty`), and
 * an outcome of all modalities with p(o | b, a) of at least `outcomePruneThreshold`. `scratch.terms` are of the
 * first step alone.
 *
 * False where more than `nodeBudget` beliefs b′ would have to be inferred; the scratch is then good for another
 * agent, not for this step.
 */
export function searchTree(scratch: Scratch): boolean {
  const { search } = scratch
  if (search === null) throw new CohortError('internal', 'a search without its scratch')
  const { root, tally, perceived } = search
  tally.visited = 0
  look(scratch, root)
  remember(scratch, perceived)
  if (!lookAhead(scratch, root)) return false
  recollect(scratch, perceived)
  scratch.G.set(root.G)
  return true
}

/** From the belief that has just been inferred: what each policy is worth by its one step. */
function look(scratch: Scratch, node: SearchNode): void {
  const { agent, mind } = scratch
  node.beliefs.set(agent.beliefs)
  predictChildren(mind, node, 0)
  for (let policy = 0; policy < node.G.length; policy++) {
    choose(mind, node, policy)
    node.terms.fill(0)
    addNodeValue(scratch, node.next, node.terms)
    if (node.isRoot) addTransitionValue(scratch, node.next, node.terms)
    node.G[policy] = sumOfTerms(mind, node.terms)
    if (node.isRoot) keepTerms(scratch, policy, node.terms)
  }
}

function choose(model: CompiledModel, { next }: SearchNode, policy: number): void {
  next.action = model.policyAction[policy]
  enter(model, next)
}

/** Adds to `node.G`, which is of single steps so far, what comes after them. False where it is too much. */
function lookAhead(scratch: Scratch, node: SearchNode): boolean {
  const { mind } = scratch
  const { policyPruneThreshold, prunePenalty } = mind.options
  if (node.below === null) return true
  weigh(scratch, node)
  for (let policy = 0; policy < node.G.length; policy++) {
    if (node.p[policy] < policyPruneThreshold) {
      node.G[policy] -= prunePenalty
      continue
    }
    choose(mind, node, policy)
    predictOutcomes(scratch, node)
    node.ahead[0] = 0
    if (!lookAt(scratch, node, 0)) return false
    node.G[policy] += node.ahead[0]
  }
  return true
}

/** `node.p` = softmax(γ·G, at the root + ln E). */
function weigh({ mind, gamma }: Scratch, { isRoot, G, p }: SearchNode): void {
  for (let policy = 0; policy < p.length; policy++)
    p[policy] = gamma * G[policy] + (isRoot ? mind.logE[policy] : 0)
  softmax(p)
}

function predictOutcomes({ mind, groupBelief }: Scratch, { next, qo, atMost }: SearchNode): void {
  const { groups, A } = mind
  for (let g = 0; g < groups.length; g++) {
    jointBelief(groups[g], next.beliefs, next.at, groupBelief[g])
    const { modalities } = groups[g]
    for (let i = 0; i < modalities.length; i++) {
      const m = modalities[i]
      multiply(A[m], groupBelief[g], qo[m], 0)
    }
  }
  atMost[qo.length] = 1
  for (let m = qo.length - 1; m >= 0; m--) {
    let most = 0
    for (let o = 0; o < qo[m].length; o++) most = Math.max(most, qo[m][o])
    atMost[m] = most * atMost[m + 1]
  }
}

/** A bound is multiplied in another order than what it bounds: it must not cut off by rounding. */
const ROUNDING = 1 + 1e-9

/**
 * Every joint outcome of the modalities from `m` on, after earlier ones of probability `upTo[m]`. A beginning of which
 * no end can be probable enough is left at once, so the work is bounded by the outcomes that are looked at.
 */
function lookAt(scratch: Scratch, node: SearchNode, m: number): boolean {
  const threshold = scratch.mind.options.outcomePruneThreshold
  if (m === node.qo.length) return node.upTo[m] < threshold || visit(scratch, node)
  for (let o = 0; o < node.qo[m].length; o++) {
    const joint = node.upTo[m] * node.qo[m][o]
    if (joint === 0 || joint * node.atMost[m + 1] * ROUNDING < threshold) continue
    node.seen[m] = o
    node.upTo[m + 1] = joint
    if (!lookAt(scratch, node, m + 1)) return false
  }
  return true
}

/** Adds to `node.ahead` the worth of what comes after the outcome at hand. */
function visit(scratch: Scratch, node: SearchNode): boolean {
  const { agent, mind } = scratch
  const { below, next, seen, tally } = node
  if (below === null) return true
  tally.visited++
  if (tally.visited > mind.options.nodeBudget) return false
  agent.observation.set(seen)
  predictPriors(scratch, next)
  if (mind.options.inference === 'exact') inferExactly(scratch)
  else inferStates(scratch)
  look(scratch, below)
  if (!lookAhead(scratch, below)) return false
  weigh(scratch, below)
  const p = node.upTo[node.qo.length]
  for (let policy = 0; policy < below.G.length; policy++)
    node.ahead[0] += p * below.p[policy] * below.G[policy]
  return true
}

/** The prediction at hand as the prior of the next inference. */
function predictPriors({ prior }: Scratch, { beliefs, at }: Transition): void {
  for (let f = 0; f < prior.length; f++)
    for (let s = 0; s < prior[f].length; s++) prior[f][s] = beliefs[at[f] + s]
}

/** Before the search. */
function remember(scratch: Scratch, perceived: Perceived): void {
  const { agent, priors, vfeTrace } = scratch
  perceived.beliefs.set(agent.beliefs)
  perceived.observation.set(agent.observation)
  perceived.priors.set(priors)
  perceived.vfeTrace.set(vfeTrace)
  perceived.vfe = scratch.vfe
  perceived.iterations = scratch.iterations
  perceived.notes = scratch.notes
}

/** After it: the scratch as perception left it. */
function recollect(scratch: Scratch, perceived: Perceived): void {
  const { agent, priors, vfeTrace } = scratch
  agent.beliefs.set(perceived.beliefs)
  agent.observation.set(perceived.observation)
  priors.set(perceived.priors)
  vfeTrace.set(perceived.vfeTrace)
  scratch.vfe = perceived.vfe
  scratch.iterations = perceived.iterations
  scratch.notes = perceived.notes
}
