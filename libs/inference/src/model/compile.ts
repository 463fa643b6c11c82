// Lays a model out for the kernels: logs taken, columns turned, all that no belief changes computed once.
import { logOf, softmax } from '../math/log-exp.js'
import { type CompiledGroup, type CompiledModel, mapModel } from './compiled.js'
import { writeHeader } from './header.js'
import { modelLayout } from './layout.js'
import { countJointActions, decodeAction, fillPolicyTree } from './policies.js'
import type { ValidModel } from './valid-model.js'

/** pymdp's second stabiliser, in the state information gain alone: under its logarithm, and its threshold. */
export const GAIN_EPS = Math.exp(-16)

/**
 * A relocatable byte string of `describeModel(model).compiledBytes`: `mapModel` reads it wherever it is
 * copied.
 */
export function compileModel(model: ValidModel): Uint8Array {
  const { bytes } = modelLayout(model)
  const buffer = new ArrayBuffer(bytes)
  writeHeader({ shape: model, options: model.options, bytes }, buffer)
  const compiled = mapModel(buffer, 0)
  model.A.forEach((A, m) => {
    compiled.A[m].set(A)
    compiled.logA[m].set(A.map(logOf))
  })
  model.B.forEach((_, f) => compileTransitions(model, f, compiled))
  compiled.groups.forEach((group) => compileGroup(model, group))
  model.E.forEach((habit, policy) => (compiled.logE[policy] = logOf(habit)))
  fillPolicyTree(model, compiled)
  compileJointActions(compiled)
  return new Uint8Array(buffer)
}

/** B[next][previous…][action] → B[action][next][previous…]. */
function compileTransitions(model: ValidModel, f: number, { B }: CompiledModel): void {
  const actions = B[f].length
  B[f].forEach((byAction, a) => {
    for (let i = 0; i < byAction.length; i++) byAction[i] = model.B[f][i * actions + a]
  })
}

/** What each joint state is worth under C at each predicted step, and how clearly it shows itself. */
function compileGroup(model: ValidModel, group: CompiledGroup): void {
  const { modalities, size, utility, ambiguity } = group
  for (const m of modalities) {
    const A = model.A[m]
    for (let t = 0; t < model.policyLen; t++) {
      const worth = logPreferences(model, m, t)
      for (let i = 0; i < A.length; i++) utility[t * size + (i % size)] += A[i] * worth[Math.floor(i / size)]
    }
    for (let i = 0; i < A.length; i++) ambiguity[i % size] += A[i] * Math.log(A[i] + GAIN_EPS)
  }
}

/** ln*(softmax(C[m])) at the t-th predicted step. */
function logPreferences(model: ValidModel, m: number, t: number): Float64Array {
  const outcomes = model.numObs[m]
  const steps = model.C[m].length / outcomes
  const worth = Float64Array.from(
    { length: outcomes },
    (_, o) => model.C[m][o * steps + (steps === 1 ? 0 : t)],
  )
  softmax(worth)
  return worth.map(logOf)
}

function compileJointActions({ numControls, jointActions }: CompiledModel): void {
  for (let joint = 0; joint < countJointActions(numControls); joint++) {
    jointActions.set(decodeAction(numControls, joint), joint * numControls.length)
  }
}
