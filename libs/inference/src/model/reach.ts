// Which states can reach a goal within so many steps, by what policies may do: what inductive planning steers by.
import type { CompiledModel } from './compiled.js'

/**
 * From reach[f][0], the goals: reach[f][i][s] = 1 where some of `actions`, which are the factor's own, leads from s,
 * with a probability above `inductiveThreshold`, to a state of reach[f][i − 1]. With `matchPymdp` the transition
 * is read the other way round, as its `generate_I_matrix` does: states that can be reached *from* the goal.
 */
export function fillReach(model: CompiledModel, f: number, actions: readonly number[]): void {
  const levels = model.reach[f]
  if (levels === null) return
  const states = model.numStates[f]
  for (let at = states; at < levels.length; at++) levels[at] = leadsOn(model, f, actions, at) ? 1 : 0
}

/** Whether one of the actions leads from the state at `at` of `reach[f]` into the level before its own. */
function leadsOn(
  { B, numStates, options, reach }: CompiledModel,
  f: number,
  actions: readonly number[],
  at: number,
): boolean {
  const levels = reach[f]
  const states = numStates[f]
  const s = at % states
  const before = at - s - states
  if (levels === null) return false
  for (let other = 0; other < states; other++) {
    if (levels[before + other] !== 1) continue
    const way = options.matchPymdp ? s * states + other : other * states + s
    for (let k = 0; k < actions.length; k++)
      if (B[f][actions[k]][way] > options.inductiveThreshold) return true
  }
  return false
}

/** The factor's own actions that some policy takes; with `matchPymdp` all that B has, as pymdp does. */
export function actionsTaken(model: CompiledModel, f: number): number[] {
  const { B, factorActions, numStates, options, policyAction } = model
  const all = [...B[f].keys()]
  if (options.matchPymdp) return all
  const taken = new Set<number>()
  for (const joint of policyAction) taken.add(factorActions[joint * numStates.length + f])
  return all.filter((action) => taken.has(action))
}
