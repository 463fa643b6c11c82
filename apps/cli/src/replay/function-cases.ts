// Golden files of single functions, by name: each input made into the smallest model in which the kernel computes it.
import type { KernelName } from '@cohort/inference'
import type { Computed, Values } from './golden-file.js'
import { weighPolicy } from './functions/expected-free-energy.js'
import { inferStates } from './functions/fixed-point.js'
import { learnOnce } from './functions/learning.js'
import { passMessages } from './functions/message-passing.js'
import { choosePolicy } from './functions/policy.js'

/** `kernel`: the one to use where it covers the case. */
type Compute = (input: never, kernel: KernelName) => Computed

/** By the name of the file. */
export const FUNCTIONS: Readonly<Record<string, Compute>> = {
  fn_fpi: inferStates,
  fn_policy: byReference(choosePolicy),
  fn_efe: byReference(weighPolicy),
  fn_learning: byReference(learnOnce),
  fn_mmp: byReference(passMessages),
}

/** A part of a step by itself, which the reference kernel alone has. */
function byReference(compute: (input: never) => Values): Compute {
  return (input) => ({ values: compute(input), kernel: 'reference' })
}
