// The parts of a step one by one, on a scratch that the caller fills: for whoever compares each with another's numbers.
export { sharpen } from './action/sample.js'
/** For code of others over the same programs and tasks. */
export * as kernelWords from './kernel/words.js'
export { beliefsOfPolicy, type Past, type PolicyBeliefs } from './belief/one-policy.js'
export { learn } from './learning/learn.js'
export { recall } from './learning/recall.js'
export { policyActions } from './model/policies.js'
export { expectedFreeEnergy } from './policy/expected-free-energy.js'
export { actionMarginals, policyPosterior } from './policy/posterior.js'
export { writeLastAction } from './row/write.js'
