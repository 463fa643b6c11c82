// Lays a model out for the kernels: logs taken, columns turned, all that no belief changes computed once.
import { buildProgram, type Program } from '../kernel/program/build.js'
import { logOf, softmax } from '../math/log-exp.js'
import { weighStates } from '../policy/weigh-states.js'
import { type CompiledModel, mapModel } from './compiled.js'
import { writeHeader } from './header.js'
import { modelLayout } from './layout.js'
import { allPolicies, countJointActions, decodeAction, encodeAction, fillPolicyTree } from './policies.js'
import { actionsTaken, fillReach } from './reach.js'
import type { ValidModel } from './valid-model.js'

/**
 * A relocatable byte string of `describeModel(model).compiledBytes`: `mapModel` reads it wherever it is
 * copied.
 */
export function compileModel(model: ValidModel): Uint8Array {
  const layout = modelLayout(model)
  const { bytes } = layout
  const buffer = new ArrayBuffer(bytes)
  writeHeader({ shape: model, bytes, program: 0 }, buffer)
  const compiled = mapModel(buffer, 0)
  compileLikelihoods(model, compiled)
  model.B.forEach((B, f) => compiled.B[f].forEach((to, a) => takeAction(B, a, compiled.B[f].length, to)))
  compileCounts(model, compiled)
  compiled.groups.forEach((group) => weighStates(compiled, group))
  model.E.forEach((habit, policy) => (compiled.logE[policy] = logOf(habit)))
  compiled.policyAction.set(model.listed ?? allPolicies(model))
  fillPolicyTree(model, compiled)
  compileActions(model, compiled)
  model.H.forEach((goal, f) => goal !== null && compileReach(compiled, f, goal))
  return withProgram(model, new Uint8Array(buffer), buildProgram(compiled, layout))
}

/** The model with what the batched kernel reads behind it. */
function withProgram(shape: ValidModel, model: Uint8Array, program: Program | null): Uint8Array {
  if (program === null) return model
  const { at, bytes } = program
  const out = new Uint8Array(bytes)
  out.set(model)
  program.writeTo(out)
  writeHeader({ shape, bytes, program: at }, out.buffer)
  return out
}

function compileLikelihoods(model: ValidModel, compiled: CompiledModel): void {
  model.A.forEach((A, m) => {
    compiled.A[m].set(A)
    compiled.logA[m].set(A.map(logOf))
    const outcomes = model.numObs[m]
    for (let t = 0; t < compiled.valueSteps; t++)
      compiled.logC[m].set(logPreferences(model.C[m], outcomes, t), t * outcomes)
  })
}

/** [next][previous…][action] at one action → [next][previous…]. */
function takeAction(matrix: Float64Array, action: number, actions: number, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = matrix[i * actions + action]
}

function compileCounts(model: ValidModel, compiled: CompiledModel): void {
  const setAll = (from: readonly (Float64Array | null)[], to: readonly (Float64Array | null)[]) =>
    from.forEach((counts, i) => counts !== null && to[i]?.set(counts))
  setAll(model.pA, compiled.pA)
  setAll(model.pD, compiled.pD)
  setAll([model.pE], [compiled.pE])
  model.pB.forEach((counts, f) => {
    const to = compiled.pB[f]
    if (counts !== null) to?.forEach((out, a) => takeAction(counts, a, to.length, out))
  })
}

/** ln*(softmax(C[m])) at the t-th predicted step; C[m] has one column, or one for each of them. */
function logPreferences(C: Float64Array, outcomes: number, t: number): Float64Array {
  const steps = C.length / outcomes
  const worth = Float64Array.from({ length: outcomes }, (_, o) => C[o * steps + (steps === 1 ? 0 : t)])
  softmax(worth)
  return worth.map(logOf)
}

function compileReach(compiled: CompiledModel, f: number, goal: Float64Array): void {
  compiled.reach[f]?.set(goal)
  fillReach(compiled, f, actionsTaken(compiled, f))
}

/** Of each joint action, every control's own and every factor's own. */
function compileActions({ numControls, bControls }: ValidModel, compiled: CompiledModel): void {
  for (let joint = 0; joint < countJointActions(numControls); joint++) {
    const action = decodeAction(numControls, joint)
    compiled.jointActions.set(action, joint * action.length)
    const own = bControls.map((controls) =>
      encodeAction(
        controls.map((control) => numControls[control]),
        controls.map((control) => action[control]),
      ),
    )
    compiled.factorActions.set(own, joint * own.length)
  }
}
