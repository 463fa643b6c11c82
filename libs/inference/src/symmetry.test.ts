// Nothing hangs on the numbers that states, outcomes, factors, modalities, controls and actions go by.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelOptions } from '@cohort/contracts'
import fc from 'fast-check'
import { readRow } from './row/read.js'
import { decodeAction, policyActions } from './model/policies.js'
import { writeLastAction } from './row/write.js'
import { sharpen } from './action/sample.js'
import {
  actionAnew,
  actionsOfOld,
  type Relabelling,
  relabelled,
  relabelling,
  seenAnew,
  statesOfOld,
} from './testing/relabelled.js'
import { seenSomehow, show } from './testing/seen.js'
import { structured, structures, type Structure } from './testing/structured.js'
import { openTestSlot, type TestSlot } from './testing/test-slot.js'

const STEPS = 4
const WITHIN = 1e-9

function assertClose(got: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(got.length, expected.length)
  for (let i = 0; i < got.length; i++) {
    const apart = Math.abs(got[i] - expected[i])
    assert.ok(apart <= WITHIN * Math.max(1, Math.abs(expected[i])), `${what}: ${got[i]}, not ${expected[i]}`)
  }
}

/** For each policy of the old model, the number of the same one in the new. */
function policiesAnew(old: TestSlot, now: TestSlot, by: Relabelling): number[] {
  const nameOf = (actions: readonly (readonly number[])[]) => JSON.stringify(actions)
  const numbers = new Map(
    Array.from({ length: now.info.policies }, (_, policy) => [
      nameOf(policyActions(now.compiled, policy)),
      policy,
    ]),
  )
  return Array.from({ length: old.info.policies }, (_, policy) => {
    const actions = policyActions(old.compiled, policy).map((action) => actionAnew(action, by))
    return numbers.get(nameOf(actions)) ?? -1
  })
}

function assertAlike(old: TestSlot, now: TestSlot, by: Relabelling): void {
  const [one, other] = [old.scratch, now.scratch]
  statesOfOld(other.qs, by).forEach((q, f) => assertClose(q, one.qs[f], 'belief'))
  const order = policiesAnew(old, now, by)
  const picked = (values: Float64Array) => order.map((policy) => values[policy])
  assertClose(picked(now.G), old.G, 'G')
  assertClose(picked(now.qPi), old.qPi, 'q_pi')
  actionsOfOld(other.marginals, by).forEach((p, c) => assertClose(p, one.marginals[c], 'action marginals'))
  const sharpened = (marginals: readonly Float64Array[]) =>
    marginals.map((p) => {
      const out = new Float64Array(p.length)
      sharpen(p, 2, out)
      return out
    })
  actionsOfOld(sharpened(other.marginals), by).forEach((p, c) =>
    assertClose(p, sharpened(one.marginals)[c], 'action probabilities'),
  )
  assertClose(now.vfe, old.vfe, 'free energy')
  assert.equal(one.notes, other.notes)
  const clear = one.margin.every((margin) => margin > 1e-7)
  const action = decodeAction(old.info.shapes.numControls, one.agent.action)
  const anew = decodeAction(now.info.shapes.numControls, other.agent.action)
  if (clear) assert.deepEqual(anew, actionAnew(action, by))
}

/** Both act as the first one chose, so that a tie, which is broken by lot, parts them not. */
function actAlike(old: TestSlot, now: TestSlot, by: Relabelling): void {
  const { lastAction } = readRow(old.info, old.row(0))
  writeLastAction(now.info, now.row(0), actionAnew(lastAction ?? [], by))
}

interface Kind {
  readonly name: string
  readonly options: ModelOptions
  /** Factors are updated in their order, so theirs is kept. */
  readonly inOrder?: boolean
  readonly factors?: number
}

const LEARNING = { A: { rate: 0.5 }, B: {}, D: {} }
const search = { planning: 'sophisticated', horizon: 2, outcomePruneThreshold: 0.01 } as const
const KINDS: readonly Kind[] = [
  { name: 'simultaneous sweeps', options: { policyLen: 2, gamma: 1 } },
  { name: 'sequential sweeps', options: { sweeps: 'sequential', gamma: 1 }, inOrder: true },
  { name: 'exact filtering', options: { inference: 'exact', policyLen: 2, gamma: 1 }, factors: 1 },
  { name: 'sophisticated planning', options: { ...search, gamma: 1 } },
  { name: 'sophisticated planning, exact', options: { ...search, inference: 'exact', gamma: 1 }, factors: 1 },
  { name: 'message passing', options: { inference: 'messagePassing', gamma: 1 }, inOrder: true },
  { name: 'learning', options: { learning: LEARNING, useParamInfoGain: true, gamma: 1 } },
]

for (const { name, options, inOrder = false, factors = 3 } of KINDS) {
  test(`${name}: a model under other numbers gives the same beliefs, policies and actions`, () => {
    fc.assert(
      fc.property(structures, fc.nat(), (any, seed) => {
        const structure: Structure = { ...any, numStates: any.numStates.slice(0, factors) }
        const made = structured(structure, options)
        const by = relabelling(made, seed, inOrder)
        const [old, now] = [openTestSlot(made.model, 1), openTestSlot(relabelled(made, by), 1)]
        for (let tick = 0; tick < STEPS; tick++) {
          const seen = seenSomehow(made.numObs, structure.seed + tick, options.inference === 'messagePassing')
          show(old, 0, seen)
          show(now, 0, seenAnew(seen, by))
          for (const slot of [old, now]) slot.step()
          assert.deepEqual([old.errors[0], now.errors[0]], [0, 0])
          assertAlike(old, now, by)
          actAlike(old, now, by)
        }
      }),
      { numRuns: 100 },
    )
  })
}
