// The policies that a model lists: each as long as the others, of actions that there are, and once. Used by shape.ts
import { counted, type Model } from '@cohort/contracts'
import { encodeAction, type PolicySpace } from '../policies.js'
import type { Faults } from './faults.js'

/** [policy][t]: joint actions, where the model lists its policies. */
export function listPolicies(
  { policies }: Model,
  { numControls, policyLen }: Pick<PolicySpace, 'numControls' | 'policyLen'>,
  faults: Faults,
): Uint32Array | null {
  if (policies === undefined) return null
  const listed = new Uint32Array(policies.length * policyLen)
  const seen = new Map<string, number>()
  policies.forEach((policy, i) => {
    const path = `policies[${i}]`
    if (policy.length !== policyLen) {
      const expected = `${policyLen}, as options.policyLen or the first policy says`
      return faults.add(path, `has ${counted(policy.length, 'step')}`, { got: policy.length, expected })
    }
    policy.forEach((action, t) => {
      if (isAction(action, numControls, { path: `${path}[${t}]`, faults }))
        listed[i * policyLen + t] = encodeAction(numControls, action)
    })
    const text = JSON.stringify(policy)
    const earlier = seen.get(text)
    if (earlier !== undefined)
      faults.add(path, `is policy ${earlier} again`, { got: policy, expected: 'each policy once' })
    seen.set(text, i)
  })
  return listed
}

function isAction(
  action: readonly number[],
  numControls: readonly number[],
  { path, faults }: { readonly path: string; readonly faults: Faults },
): boolean {
  if (action.length !== numControls.length) {
    const expected = `${numControls.length}, one a control`
    faults.add(path, `has ${counted(action.length, 'action')}`, { got: action.length, expected })
    return false
  }
  const control = action.findIndex((a, c) => a >= numControls[c])
  if (control < 0) return true
  const expected = `0 to ${numControls[control] - 1}`
  faults.add(`${path}[${control}]`, `is action ${action[control]}`, { got: action[control], expected })
  return false
}
