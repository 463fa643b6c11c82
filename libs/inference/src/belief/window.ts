// What an agent looks back on: takes in what it did and saw, and lets the oldest go where the window is full.
import type { Scratch } from '../scratch.js'
import { inferStates } from './fixed-point.js'
import type { MessagePassing } from './message-scratch.js'
import { carry } from './predict.js'

/** The window of this step, and `passing.prior`, the prior of its first time. */
export function takeIn(scratch: Scratch, passing: MessagePassing): void {
  const { action, observation } = scratch.agent
  const { window, matchPymdp } = scratch.mind.options
  const { actions, length, observations, prior, windowPrior } = passing
  let past = length[0]
  if (past > 0) actions[past - 1] = action
  if (past === window) {
    if (!matchPymdp) filterFirst(scratch, passing)
    observations.copyWithin(0, observation.length)
    actions.copyWithin(0, 1)
    past--
  }
  actions[past] = 0
  for (let m = 0; m < observation.length; m++) observations[past * observation.length + m] = observation[m]
  length[0] = past + 1
  prior.set(windowPrior)
}

/**
 * With `matchPymdp`, once the window is full: the prior of the next one's first time is the belief about this
 * one's, Σ_π q_pi q_π(s_0) (pymdp's `use_BMA`), which has heard of all that the window holds.
 */
export function keepFirst(scratch: Scratch, passing: MessagePassing): void {
  const { matchPymdp, window } = scratch.mind.options
  if (matchPymdp && passing.past === window) averageAt(passing, scratch.qPi, 0, passing.windowPrior)
}

/** out = Σ_π w_π q_π(s_t), of weights [policy]. */
export function averageAt(
  { q, stride }: MessagePassing,
  weights: Float64Array,
  t: number,
  out: Float64Array,
): void {
  out.fill(0)
  for (let policy = 0; policy < weights.length; policy++) {
    const from = policy * stride + t * out.length
    for (let i = 0; i < out.length; i++) out[i] += weights[policy] * q[from + i]
  }
}

/**
 * `windowPrior` of the window's first time → of the next, which becomes the first: its posterior by the one
 * observation that now leaves the window (fixed-point.ts), carried through the action that followed. So each
 * observation is heard of once, and with a window of one this is filtering.
 */
function filterFirst(scratch: Scratch, passing: MessagePassing): void {
  const { agent, before, priors } = scratch
  const { actions, observations, seen, windowPrior } = passing
  seen.set(agent.observation)
  for (let m = 0; m < seen.length; m++) agent.observation[m] = observations[m]
  priors.set(windowPrior)
  inferStates(scratch)
  carry(scratch, actions[0])
  windowPrior.set(priors)
  // The step's own beliefs and observation again.
  agent.beliefs.set(before)
  agent.observation.set(seen)
}
