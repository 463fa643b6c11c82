// What the worth of policies by message passing is reckoned with, beside their beliefs.
import type { MessagePassing } from '../belief/message-scratch.js'
import type { CompiledModel } from '../model/compiled.js'
import { TERMS } from '../slot.js'
import type { Transition } from './predicted-step.js'

/** Made once per thread and model. */
export interface WindowValue {
  /** A time of the policy at hand, and its terms of G. */
  readonly node: Mutable<Transition>
  readonly terms: Float64Array
  /** Whether some factor has goals. */
  readonly aims: boolean
  /** [policy]: its prior; [factor][state], flat: what is believed of the present under it. */
  readonly habits: Float64Array
  readonly here: Float64Array
}

type Mutable<T> = { -readonly [name in keyof T]: T[name] }

/** Null where beliefs are not by message passing. */
export function makeWindowValue(model: CompiledModel, passing: MessagePassing | null): WindowValue | null {
  if (passing === null) return null
  const { at, q } = passing
  return {
    node: { beliefs: q, at: at[0], t: 0, from: q, fromAt: at[0], action: 0 },
    terms: new Float64Array(TERMS.length),
    aims: model.goals.includes(true),
    habits: new Float64Array(model.policies),
    here: new Float64Array(model.states),
  }
}
