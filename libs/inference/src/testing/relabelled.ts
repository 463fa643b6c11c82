// For tests: the same model with everything under other numbers, and how results are told apart by them.
import type { Model, Tensor } from '@cohort/contracts'
import { numbers } from './models.js'
import type { Seen } from './seen.js'
import { axesOf, entryOf, type Structured, tensor } from './structured.js'

/** Per new number, the old one. */
type Order = readonly number[]

export interface Relabelling {
  readonly factors: Order
  readonly modalities: Order
  readonly controls: Order
  /** By old factor, modality and control. */
  readonly states: readonly Order[]
  readonly outcomes: readonly Order[]
  readonly actions: readonly Order[]
}

/** Everything in another order; with `keepFactors`, but for the factors. */
export function relabelling(made: Structured, seed: number, keepFactors: boolean): Relabelling {
  const random = numbers(seed)
  const shuffled = (count: number) =>
    Array.from({ length: count }, (_, one) => ({ one, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one)
  const { numStates, numObs, numControls } = made
  return {
    factors: keepFactors ? [...numStates.keys()] : shuffled(numStates.length),
    modalities: shuffled(numObs.length),
    controls: shuffled(numControls.length),
    states: numStates.map(shuffled),
    outcomes: numObs.map(shuffled),
    actions: numControls.map(shuffled),
  }
}

export function relabelled({ A, B, controls, model }: Structured, by: Relabelling): Model {
  const { factors, modalities, states, outcomes, actions } = by
  const factorNow = (old: number) => factors.indexOf(old)
  const columns = (of: Tensor, orders: readonly Order[]): Tensor =>
    tensor(axesOf(of), (index) =>
      entryOf(
        of,
        index.map((i, axis) => orders[axis][i]),
      ),
    )
  const ordersOfA = (m: number) => [outcomes[m], ...A[m].map((f) => states[f])]
  const ordersOfB = (f: number) => [
    states[f],
    ...B[f].map((parent) => states[parent]),
    ...controls[f].map((control) => actions[control]),
  ]
  const each = (orders: Order, from: readonly (Tensor | null)[], of: (old: number) => readonly Order[]) =>
    orders.map((old) => columns(from[old] ?? [], of(old)))
  return {
    ...model,
    A: each(modalities, model.A, ordersOfA),
    B: each(factors, model.B, ordersOfB),
    C: modalities.map((old) => outcomes[old].map((o) => model.C?.[old]?.[o] as number)),
    D: factors.map((old) => states[old].map((s) => model.D?.[old]?.[s] ?? 0)),
    A_dependencies: modalities.map((old) => A[old].map(factorNow)),
    B_dependencies: factors.map((old) => B[old].map(factorNow)),
    B_action_dependencies: factors.map((old) => controls[old].map((c) => by.controls.indexOf(c))),
    pA: each(modalities, model.pA ?? [], ordersOfA),
    pB: each(factors, model.pB ?? [], ordersOfB),
    pD: factors.map((old) => states[old].map((s) => model.pD?.[old]?.[s] ?? 0)),
  }
}

export const seenAnew = (seen: readonly Seen[], { modalities, outcomes }: Relabelling): Seen[] =>
  modalities.map((old) => {
    const one = seen[old]
    if (one === null) return null
    return typeof one === 'number' ? outcomes[old].indexOf(one) : outcomes[old].map((o) => one[o])
  })

/** `action[control]` under the new numbers. */
export const actionAnew = (action: readonly number[], { controls, actions }: Relabelling): number[] =>
  controls.map((old) => actions[old].indexOf(action[old]))

/** [factor][state] of the new model, under the old numbers. */
export const statesOfOld = (beliefs: readonly ArrayLike<number>[], by: Relabelling): number[][] =>
  by.states.map((order, old) => back(beliefs[by.factors.indexOf(old)], order))

/** [control][action] of the new model, under the old numbers. */
export const actionsOfOld = (marginals: readonly ArrayLike<number>[], by: Relabelling): number[][] =>
  by.actions.map((order, old) => back(marginals[by.controls.indexOf(old)], order))

function back(values: ArrayLike<number>, order: Order): number[] {
  const out: number[] = []
  order.forEach((old, now) => (out[old] = values[now]))
  return out
}
