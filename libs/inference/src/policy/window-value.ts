// G of every policy by message passing: what its own beliefs, about the present and its future, are worth.
import { CohortError } from '@cohort/contracts'
import { enterPolicy } from '../belief/infer-policy.js'
import { passingOf } from '../belief/message-passing.js'
import type { MessagePassing } from '../belief/message-scratch.js'
import { averageAt } from '../belief/window.js'
import type { Scratch } from '../scratch.js'
import { aimAtGoals } from './inductive.js'
import { addNodeValue, addTransitionValue, settleG } from './node-value.js'
import type { WindowValue } from './window-memory.js'

/**
 * `scratch.G[policy]` over policyLen + 1 times: the present one counts too (column 0 of C), as in SPM and pymdp. See
 * node-value.ts for its terms.
 */
export function windowValue(scratch: Scratch): void {
  const { mind, windowValue: room } = scratch
  if (room === null) throw new CohortError('internal', 'the value of a window without its scratch')
  const passing = passingOf(scratch)
  if (room.aims) aim(scratch, passing, room)
  for (let policy = 0; policy < mind.policies; policy++) {
    enterPolicy(mind, passing, policy)
    room.terms.fill(0)
    addWindow(scratch, passing, room)
    settleG(scratch, policy, room.terms)
  }
}

/** Goals are sought from where the policies believe to be, each by its prior: q_pi comes from G, which needs this. */
function aim(scratch: Scratch, passing: MessagePassing, { habits, here }: WindowValue): void {
  const { logE } = scratch.mind
  for (let policy = 0; policy < habits.length; policy++) habits[policy] = Math.exp(logE[policy])
  averageAt(passing, habits, passing.past - 1, here)
  aimAtGoals(scratch, here)
}

/** The present, then each step of the policy at hand. */
function addWindow(scratch: Scratch, passing: MessagePassing, { node, terms }: WindowValue): void {
  const { at, jointAction } = passing
  const now = passing.past - 1
  for (let t = 0; t <= scratch.mind.policyLen; t++) {
    node.t = t
    node.at = at[now + t]
    addNodeValue(scratch, node, terms)
    if (t === 0) continue
    node.fromAt = at[now + t - 1]
    node.action = jointAction[now + t - 1]
    addTransitionValue(scratch, node, terms)
  }
}
