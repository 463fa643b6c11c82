// pymdp 1.x's JAX code on random models: where its numbers are not ours, and that we know all of why.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AgentFile, modelOf } from '@cohort/cli'
import type { Model } from '@cohort/contracts'
import { assertApart, assertExplained } from './differences.js'
import { exactWays, jaxWays, kernelWays } from './plain/ways.js'
import { compareRun, runsOf } from './runs.js'

const runs = await runsOf('jax')
const chosen = (...numbers: string[]) => runs.filter(({ name }) => numbers.includes(name.slice(0, 2)))
const isExact = ({ config }: AgentFile) => config.inference_algo === 'EXACT'

/** By our own defaults, not by those of pymdp's NumPy code; golden files know no actions that factors share. */
function ourModel(file: AgentFile): Model {
  const { B_action_dependencies } = file.model as Pick<Model, 'B_action_dependencies'>
  const { options, ...model } = modelOf(file)
  const { numIter, computeVfe, ...rest } = { ...options, matchPymdp: false }
  return {
    ...model,
    ...(B_action_dependencies === undefined ? {} : { B_action_dependencies }),
    options: isExact(file)
      ? { ...rest, inference: 'exact' }
      : {
          ...rest,
          ...(numIter === undefined ? {} : { numIter }),
          ...(computeVfe === undefined ? {} : { computeVfe }),
        },
  }
}

const compared = (of: readonly AgentFile[]) =>
  of.map((run) =>
    compareRun(run, { model: ourModel, ours: isExact(run) ? exactWays : kernelWays, theirs: jaxWays }),
  )

test('fifteen runs, each of both sides what its formula says: the ways they differ in are all there is', () => {
  assert.equal(runs.length, 15)
  for (const run of runs) assertExplained(run.name, compared([run])[0] ?? assert.fail())
})

test('without zeros and learning G is apart by the same for every policy: beliefs and q_pi agree', () => {
  assertApart(compared(chosen('01', '03', '05', '06', '07', '11', '18')), {
    utility: 6.9,
    states_info_gain: 1.9e-6,
    G: 6.9,
  })
})

test('with a goal all else agrees: both look for the way to it, not from it', () => {
  assertApart(compared(chosen('13')), { utility: 2.2, states_info_gain: 9.1e-7, G: 2.2 })
})

test('with zeros and one factor beliefs agree, exact filtering too', () => {
  assertApart(compared(chosen('02', '19')), {
    utility: 5.8,
    states_info_gain: 1.2e-6,
    G: 5.8,
    q_pi: 4e-8,
    action_marginals: 6.5e-8,
  })
})

test('with zeros and several factors beliefs are apart, since its ln of 0 is another', () => {
  assertApart(compared(chosen('04', '08')), {
    prior: 0.00027,
    qs: 0.0009,
    utility: 11,
    states_info_gain: 0.00091,
    G: 11,
    q_pi: 0.00026,
    action_marginals: 0.0004,
  })
})

test('learning without zeros: counts agree, their information gain is the exact one there', () => {
  assertApart(compared(chosen('09')), {
    utility: 3.3,
    states_info_gain: 5.7e-7,
    pA_info_gain: 0.23,
    pB_info_gain: 0.27,
    G: 3.1,
    q_pi: 0.025,
    action_marginals: 0.035,
    actions: 1,
  })
})

test('learning with zeros: it revives counts of 0, and is then curious about what cannot be', () => {
  assertApart(compared(chosen('10')), {
    utility: 5.2,
    states_info_gain: 1.1e-6,
    pA_info_gain: 32,
    pB_info_gain: 4.3,
    G: 42,
    q_pi: 0.51,
    action_marginals: 0.44,
    actions: 1,
  })
  assertApart(compared(chosen('12')), {
    pA: 0.18,
    A: 0.038,
    pB: 0.7,
    B: 0.5,
    prior: 0.095,
    qs: 0.17,
    utility: 3.4,
    states_info_gain: 0.022,
    pA_info_gain: 3.5,
    pB_info_gain: 2.9,
    G: 9.3,
    q_pi: 0.52,
    action_marginals: 0.51,
    actions: 4,
  })
})
