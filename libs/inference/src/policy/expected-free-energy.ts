// G of every policy: what it is expected to bring (utility) and to teach (information about states and counts).
import { predictChildren } from '../belief/predict.js'
import type { CompiledModel } from '../model/compiled.js'
import type { Scratch } from '../scratch.js'
import { aimAtGoals } from './inductive.js'
import { addNodeValue, addTransitionValue, settleG } from './node-value.js'
import type { Transition } from './predicted-step.js'

/**
 * `scratch.G[policy]`, the negative expected free energy, summed over the predicted steps of each policy; see
 * node-value.ts for its terms. The tree is walked depth first, so policies that begin alike share their
 * predictions and need one level of memory each.
 */
export function expectedFreeEnergy(scratch: Scratch): void {
  const { agent, mind, nodes, termsTo } = scratch
  const { nodeDepth, nodeAction, nodePolicy, policyLen } = mind
  aimAtGoals(scratch, agent.beliefs)
  predictChildren(mind, scratch, 0)
  for (let node = 0; node < nodeDepth.length; node++) {
    const depth = nodeDepth[node]
    const step = nodes[depth - 1]
    step.action = nodeAction[node]
    enter(mind, step)
    termsTo[depth].set(termsTo[depth - 1])
    addNodeValue(scratch, step, termsTo[depth])
    addTransitionValue(scratch, step, termsTo[depth])
    if (depth < policyLen) predictChildren(mind, scratch, depth)
    else settleG(scratch, nodePolicy[node], termsTo[depth])
  }
}

/** Points at the predictions that the joint action leads to. */
export function enter(
  { predictionAt, factorActions, numStates }: CompiledModel,
  { at, action }: Pick<Transition, 'at' | 'action'>,
): void {
  for (let f = 0; f < at.length; f++)
    at[f] = predictionAt[f] + factorActions[action * at.length + f] * numStates[f]
}
