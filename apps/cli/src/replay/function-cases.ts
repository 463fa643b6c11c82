// Golden files of single functions, by name: each input made into the smallest model in which the kernel computes it.
import type { Values } from './golden-file.js'
import { weighPolicy } from './functions/expected-free-energy.js'
import { inferStates } from './functions/fixed-point.js'
import { learnOnce } from './functions/learning.js'
import { passMessages } from './functions/message-passing.js'
import { choosePolicy } from './functions/policy.js'

/** Output of one case from its input. */
type Compute = (input: never) => Values

/** By the name of the file. */
export const FUNCTIONS: Readonly<Record<string, Compute>> = {
  fn_fpi: inferStates,
  fn_policy: choosePolicy,
  fn_efe: weighPolicy,
  fn_learning: learnOnce,
  fn_mmp: passMessages,
}
