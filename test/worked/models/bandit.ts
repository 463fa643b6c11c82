// A two-armed bandit: how often each arm pays is learned by playing, as counts of A.
import type { Model } from '@cohort/contracts'
import { tensor } from './tensor.js'

/** How often each arm pays. The agent does not know it. */
const PAYS = [0.5, 0.8]
const PULLS = tensor([2, 2, 2], (next, _, pull) => next === pull)

/** One factor, the arm pulled last, and one modality: nothing, or a win, which is worth `win` nats more. */
export const bandit = ({ curious = true, win = 0.25 } = {}): Model => ({
  A: [tensor([2, 2], (outcome) => (outcome === 1 ? 1 / 4 : 3 / 4))],
  // It expects little: as if each arm had been pulled four times and had paid once.
  pA: [tensor([2, 2], (outcome) => (outcome === 1 ? 1 : 3))],
  B: [PULLS],
  C: [[0, win]],
  options: { learning: { A: {} }, useParamInfoGain: curious },
})

/** The same machine as it is. */
export const machine: Model = {
  A: [tensor([2, 2], (outcome, arm) => (outcome === 1 ? (PAYS[arm] ?? 0) : 1 - (PAYS[arm] ?? 0)))],
  B: [PULLS],
}
