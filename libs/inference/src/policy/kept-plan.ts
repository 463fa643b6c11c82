// Planning only in every K-th step: what is kept of a plan, and how it is followed in between.
import type { CompiledModel } from '../model/compiled.js'
import { sectionOf } from '../row/layout.js'
import { NOTE_PLAN_KEPT } from '../slot.js'

/** Views of the agent's row. */
export interface KeptPlan {
  /** [1]: steps of the plan that were done; 0: a new one is due. During a step: which step of the plan it is. */
  readonly age: Float64Array
  /** [1]: the policy that is followed, where whole policies are chosen; else empty. */
  readonly policy: Float64Array
  /** [policy]: the posterior when the plan was made. */
  readonly qPi: Float64Array
}

/** Null where every step makes a plan. */
export function makeKeptPlan(model: CompiledModel, state: Float64Array): KeptPlan | null {
  if (model.options.planEvery === 1) return null
  return {
    age: sectionOf(model, state, 'planAge'),
    policy:
      model.options.samplingMode === 'full' ? sectionOf(model, state, 'planPolicy') : new Float64Array(1),
    qPi: sectionOf(model, state, 'planQPi'),
  }
}

/** What of a scratch a plan is taken from and given to. */
interface Planning {
  readonly mind: CompiledModel
  readonly plan: KeptPlan | null
  readonly qPi: Float64Array
  readonly G: Float64Array
  readonly terms: Float64Array
  notes: number
}

export const planIsDue = ({ plan }: Pick<Planning, 'plan'>): boolean => plan === null || plan.age[0] === 0

/** The posterior of the plan that is followed; G is not made anew, and says nothing: NaN would not pass as JSON. */
export function followPlan(scratch: Planning): void {
  const { plan, qPi, G, terms } = scratch
  if (plan === null) return
  qPi.set(plan.qPi)
  G.fill(0)
  terms.fill(0)
  scratch.notes |= NOTE_PLAN_KEPT
}

/** After the choice: the plan as it is to be followed in the next step. */
export function keepPlan({ mind, plan, qPi }: Planning): void {
  if (plan === null) return
  if (plan.age[0] === 0) plan.qPi.set(qPi)
  plan.age[0] = (plan.age[0] + 1) % mind.options.planEvery
}
