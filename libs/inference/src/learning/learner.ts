// An agent that learns has matrices of its own, made from the counts in its row. Made once per thread and model.
import { type CompiledGroup, type CompiledModel, perAction } from '../model/compiled.js'
import { actionsTaken } from '../model/reach.js'
import { sectionOf } from '../row/layout.js'

export interface Learner {
  /** The model with what the agent learns in its place: `pA`, `pB`, `pD`, `pE` are views of its row. */
  readonly mind: CompiledModel
  /** The counts that it began with, towards which it forgets. */
  readonly initial: Pick<CompiledModel, 'pA' | 'pB' | 'pE'>
  /** Groups of which some modality is learned. */
  readonly groups: readonly CompiledGroup[]
  /** Factors with goals whose transitions are learned, and their own actions that some policy takes. */
  readonly seeking: readonly Seeking[]
}

interface Seeking {
  readonly factor: number
  readonly actions: readonly number[]
}

/** Null where the model's agents learn nothing. `state` is that of the row at hand. */
export function makeLearner(model: CompiledModel, state: Float64Array): Learner | null {
  const { A, B, D, E } = model.options.learning
  if (A === undefined && B === undefined && D === undefined && E === undefined) return null
  const learnsA = (m: number) => A?.only.includes(m) === true
  const learnsB = (f: number) => B?.only.includes(f) === true
  const blank = (like: Float64Array) => new Float64Array(like.length)
  const groups = model.groups.map((group) =>
    group.modalities.some(learnsA)
      ? { ...group, utility: blank(group.utility), ambiguity: blank(group.ambiguity) }
      : group,
  )
  // pymdp makes its way to the goals once, of the B that it begins with.
  const seeks = (f: number) => learnsB(f) && model.reach[f] !== null && !model.options.matchPymdp
  const mind: CompiledModel = {
    ...model,
    A: model.A.map((shared, m) => (learnsA(m) ? blank(shared) : shared)),
    logA: model.logA.map((shared, m) => (learnsA(m) ? blank(shared) : shared)),
    B: model.B.map((shared, f) => (learnsB(f) ? shared.map(blank) : shared)),
    groups,
    reach: model.reach.map((shared, f) => (shared !== null && seeks(f) ? shared.slice() : shared)),
    logE: E === undefined ? model.logE : blank(model.logE),
    pA: model.pA.map((shared, m) => (learnsA(m) ? sectionOf(model, state, 'pA', m) : shared)),
    pB: model.pB.map((shared, f) =>
      learnsB(f) ? perAction(sectionOf(model, state, 'pB', f), model.B[f].length) : shared,
    ),
    pD: model.pD.map((shared, f) =>
      D?.only.includes(f) === true ? sectionOf(model, state, 'pD', f) : shared,
    ),
    pE: E === undefined ? model.pE : sectionOf(model, state, 'pE'),
  }
  return {
    mind,
    initial: model,
    groups: groups.filter((group) => group.modalities.some(learnsA)),
    seeking: model.numStates.flatMap((_, f) =>
      seeks(f) ? [{ factor: f, actions: actionsTaken(model, f) }] : [],
    ),
  }
}
