// What the text must not leave out: plans that are kept, ties, lots, what cannot be seen, what was learned.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Model } from '@cohort/contracts'
import { LoneAgent, type Seen } from '../lone-agent/lone-agent.js'
import { explain, type ExplainedStep } from './explained.js'
import type { Names } from './names.js'
import { explanationLines } from './text.js'

const names: Names = {
  factors: [{ name: 'lamp', values: ['off', 'on'] }],
  modalities: [{ name: 'light', values: ['dark', 'bright'] }],
  controls: [{ name: 'switch', values: ['leave', 'press'] }],
}

/** A lamp: pressing its switch turns it over. Nothing is preferred. */
const LAMP: Model = {
  A: [
    [
      [0.9, 0.2],
      [0.1, 0.8],
    ],
  ],
  B: [
    [
      [
        [1, 0],
        [0, 1],
      ],
      [
        [0, 1],
        [1, 0],
      ],
    ],
  ],
}
const BRIGHT = [[0, 3]]

function told(
  change: Partial<Model>,
  observations: Seen[][],
): { text: string; steps: readonly ExplainedStep[] } {
  const agent = new LoneAgent({ ...LAMP, ...change })
  const explanation = explain({ agent, names, observations })
  const page = { names, model: agent.model, width: 80, top: 5, paint: (_: unknown, text: string) => text }
  return { text: explanationLines(explanation, page).join('\n'), steps: explanation.steps }
}

test('actions that are as good are drawn by lot, and it says so', () => {
  const { text, steps } = told({ D: [[0.5, 0.5]], options: { useStatesInfoGain: false } }, [[null]])
  assert.equal(steps[0]?.why.decider, 'tie')
  assert.match(text, /saw {7}light: \(not seen\)\n[^]*by lot among those that are as good\n?$/)
})

test('what the agent cannot have seen is flagged', () => {
  const A = [
    [
      [1, 1],
      [0, 0],
    ],
  ]
  const { text, steps } = told({ A, C: BRIGHT }, [[1], [0]])
  assert.deepEqual(
    steps.map(({ impossible }) => impossible),
    [true, false],
  )
  assert.equal(text.match(/by the model this cannot be seen/g)?.length, 1)
})

test('in a step that keeps its plan there is no G to show, and it says which it follows', () => {
  const { text, steps } = told({ C: BRIGHT, options: { policyLen: 2, planEvery: 2 } }, [[0], [0]])
  assert.deepEqual(
    steps.map(({ planKept }) => planKept),
    [false, true],
  )
  assert.deepEqual(new Set(steps[1]?.plans.map(({ G }) => G)), new Set([null]))
  assert.match(text, /because {3}it follows the plan of an earlier step: \[ \] is what it does now\n?$/)
  assert.match(text, /^ 1 {2}\w+ → \[\w+\] /m)
})

test('a choice that is drawn says that it was, and how far it is from the best', () => {
  const options = { actionSelection: 'stochastic', alpha: 0 } as const
  const { text, steps } = told(
    { C: BRIGHT, options },
    Array.from({ length: 12 }, () => [0]),
  )
  const margins = steps.map(({ margin }) => margin[0] ?? 0)
  assert.ok(margins.some((margin) => margin < 0) && margins.some((margin) => margin > 0))
  assert.match(text, /percentage points behind the best\)\nbecause {3}it drew by lot/)
  assert.match(text, /percentage points ahead of the next\)\nbecause {3}it drew by lot/)
})

test('what makes plans probable beside G has a column and a line that says what it is', () => {
  const { text, steps } = told({ C: BRIGHT, E: [0.9, 0.1] }, [[0]])
  assert.match(text, /only differences of G count, and of\n {2}habit {10}ln E: /)
  assert.match(text, /^plans +all 2 +chance +habit +G preference/m)
  assert.match(text, /^ \d {2}leave +[\d.]+ % +−0\.11 /m)
  assert.doesNotMatch(text, /\bpast\b/)
  for (const { logWeight, probability, habit } of steps[0]?.plans ?? []) {
    assert.ok(Number.isFinite(logWeight) && habit < 0)
    const other = steps[0]?.plans.find((plan) => plan.habit !== habit)
    const ratio = Math.exp((logWeight ?? 0) - (other?.logWeight ?? 0))
    assert.ok(Math.abs(ratio - probability / (other?.probability ?? 0)) < 1e-9 * ratio)
  }
})

/** Its switch only likely works, so that what a plan does next says something about what was. */
const LOOKS_BACK: Partial<Model> = {
  B: [
    [
      [
        [0.9, 0.5],
        [0.1, 0.5],
      ],
      [
        [0.1, 0.5],
        [0.9, 0.5],
      ],
    ],
  ],
  D: [[0.8, 0.2]],
}

test('what the past says for plans has a column, a line, and its part of the lead', () => {
  const options = { inference: 'messagePassing', window: 3, policyLen: 2 } as const
  const { text, steps } = told({ ...LOOKS_BACK, C: [[0, 0.1]], options }, [[0]])
  assert.match(text, /only differences of G count, and of\n {2}past {11}how well the plan explains /)
  assert.match(text, /^plans +all 4 +chance +past +G preference/m)
  assert.match(text, /^ 1 {2}press → leave +[\d.]+ % +−0\.29 +−1\.46 /m)
  assert.match(text, /^ 3 {2}leave → press +[\d.]+ % +−0\.28 +−1\.60 /m)
  assert.match(text, /; past −0\.01; with\n/)
  assert.doesNotMatch(text, /\bhabit\b/)
  for (const { logWeight, G, past, habit } of steps[0]?.plans ?? [])
    assert.ok(Math.abs((logWeight ?? 0) - 16 * (G ?? 0) - past - habit) < 1e-9 && past < 0)
})

test('where plans are worth the same the past decides, and it says so', () => {
  const none = { useUtility: false, useStatesInfoGain: false }
  const options = { inference: 'messagePassing', window: 3, policyLen: 2, ...none } as const
  const { text, steps } = told({ ...LOOKS_BACK, options }, [[0]])
  const { why } = steps[0] ?? assert.fail()
  assert.deepEqual([why.decider, why.parts, why.lead === why.past], ['past', {}, true])
  assert.match(text, /^because {3}it goes by the past: /m)
})

test('what was learned: the counts that changed, the largest change first, by their names', () => {
  const pA = [
    [
      [9, 2],
      [1, 8],
    ],
  ]
  const options = { learning: { A: { rate: 2 } } }
  const { text, steps } = told({ pA, D: [[0.25, 0.75]], C: BRIGHT, options }, [[1]])
  const [first, second] = steps[0]?.learned ?? []
  assert.deepEqual([first?.counts, first?.index, first?.at], ['pA', 0, [1, 1]])
  const on = 0.6 / 0.625
  assert.ok(Math.abs((first?.to ?? 0) - (8 + 2 * on)) < 1e-9)
  assert.ok(Math.abs((second?.to ?? 0) - (1 + 2 * (1 - on))) < 1e-9)
  assert.match(text, /^learned {3}8\.00 → 9\.92 {2}light = bright, given lamp = on$/m)
})

test('softly seen outcomes are shown with their shares', () => {
  const { text } = told({ C: BRIGHT }, [[[0.25, 0.75]]])
  assert.match(text, /light: unclear \(25\.0 % dark, 75\.0 % bright\)/)
})

test('where each control is chosen by itself, no sum of plans is made the reason', () => {
  // Two lamps with a switch each. E favours both or none; taken alone, the first switch is left and the second pressed.
  const [A = [], B = []] = [LAMP.A[0], LAMP.B[0]] as Model['A'][0][]
  const two = { A: [A, A], A_dependencies: [[0], [1]], B: [B, B], E: [0.34, 0.3, 0, 0.36] }
  const options = { useStatesInfoGain: false }
  const { steps } = told({ ...two, options } as Partial<Model>, [[null, null]])
  const [{ action, why } = assert.fail()] = steps
  assert.deepEqual(action, [0, 1])
  assert.equal(why.decider, 'eachAlone')
})
