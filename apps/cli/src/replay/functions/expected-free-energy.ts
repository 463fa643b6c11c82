// What one policy is expected to lead to and to be worth: a model whose only policy it is.
import type { Model, Term } from '@cohort/contracts'
import { type CompiledModel, makeScratch, type Scratch, termOf } from '@cohort/inference'
import { expectedFreeEnergy } from '@cohort/inference/parts'
import type { Values } from '../golden-file.js'
import { normalised } from '../normalised.js'
import { compiled } from './compiled.js'

interface PolicyWorthInput {
  readonly A: Model['A']
  readonly B: Model['B']
  readonly C: NonNullable<Model['C']>
  readonly pA: Model['A']
  readonly pB: Model['B']
  readonly qs: number[][]
  readonly policy: number[][]
  readonly A_factor_list: number[][]
  readonly B_factor_list: number[][]
}

export function weighPolicy(input: PolicyWorthInput): Values {
  const beginnings = input.policy.map((_, t) => input.policy.slice(0, t + 1))
  const walks = beginnings.map((policy) => walked(input, policy))
  const whole = walked(input, input.policy, input.C)
  const term = (name: Term) => termOf(whole.terms, name)[0]
  return {
    qs_pi: walks.map(({ qs }) => qs),
    qo_pi: walks.map(({ qo }) => qo),
    expected_utility: term('utility'),
    states_info_gain: term('statesInfoGain'),
    pA_info_gain: term('paramInfoGainA'),
    pB_info_gain: term('paramInfoGainB'),
  }
}

/** The last predicted states and outcomes of a policy, and its terms. */
interface Walk {
  readonly qs: number[][]
  readonly qo: number[][]
  readonly terms: Float64Array
}

function walked(input: PolicyWorthInput, policy: number[][], C?: NonNullable<Model['C']>): Walk {
  const model = modelWith(input, policy, C)
  const scratch = makeScratch(model)
  input.qs.forEach((q, f) => scratch.qs[f]?.set(q))
  scratch.wantTerms = true
  expectedFreeEnergy(scratch)
  return { qs: lastStates(model, scratch), qo: scratch.qo.map((q) => [...q]), terms: scratch.terms }
}

/** A and B of the case beside counts that they are not made of: a model over HTTP may not be so. */
function modelWith(
  { A, B, pA, pB, A_factor_list, B_factor_list }: PolicyWorthInput,
  policy: number[][],
  C?: NonNullable<Model['C']>,
): CompiledModel {
  const lists = { A_dependencies: A_factor_list, B_dependencies: B_factor_list, policies: [policy] }
  const plain = compiled({ A, B, ...lists, ...(C === undefined ? {} : { C }), options: { matchPymdp: true } })
  const normal = { A: pA.map(normalised), B: pB.map(normalised) }
  const counts = compiled({ ...lists, ...normal, pA, pB, options: { useParamInfoGain: true } })
  return { ...plain, pA: counts.pA, pB: counts.pB }
}

function lastStates({ numStates, policyLen }: CompiledModel, { levels, at }: Scratch): number[][] {
  const [beliefs, from] = [levels[policyLen], at[policyLen]]
  return numStates.map((states, f) => [...(beliefs?.subarray(from?.[f], (from?.[f] ?? 0) + states) ?? [])])
}
