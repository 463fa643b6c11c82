// pymdp 0.0.7.1 on random models: where its numbers are not ours, and that we know all of why.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentFile } from '@cohort/cli'
import { assertApart, assertExplained } from './differences.js'
import { kernelWays, numpyWays } from './plain/ways.js'
import { compareRun, runsOf } from './runs.js'

const runs = await runsOf('pymdp-0.0.7.1')
const compared = (of: readonly AgentFile[]) =>
  of.map((run) => compareRun(run, { ours: kernelWays, theirs: numpyWays }))
const chosen = (...numbers: string[]) => runs.filter(({ name }) => numbers.includes(name.slice(0, 2)))

test('twelve runs, each of both sides what its formula says: the ways they differ in are all there is', () => {
  assert.equal(runs.length, 12)
  for (const run of runs) assertExplained(run.name, compared([run])[0] ?? assert.fail())
})

test('with one modality all agrees', () => {
  assertApart(compared(chosen('01')), {})
})

test('without zeros only the information gain about states is apart, and what comes of it', () => {
  assertApart(compared(chosen('03', '05', '06', '07', '09')), {
    states_info_gain: 0.0069,
    G: 0.0069,
    q_pi: 0.00031,
    action_marginals: 0.00068,
  })
})

test('with zeros and one factor as well: beliefs and counts agree', () => {
  assertApart(compared(chosen('02', '10')), {
    states_info_gain: 0.27,
    G: 0.27,
    q_pi: 0.063,
    action_marginals: 0.068,
  })
})

test('with zeros and several factors beliefs are apart, since the sweeps weigh one ln of a product of zeros', () => {
  assertApart(compared(chosen('04', '08')), {
    prior: 0.45,
    qs: 1,
    utility: 0.64,
    states_info_gain: 0.53,
    G: 0.84,
    q_pi: 0.13,
    action_marginals: 0.21,
    actions: 5,
  })
})

test('message passing is apart: the message from the future counts in full', () => {
  assertApart(compared(chosen('15', '16')), {
    prior: 0.088,
    qs: 0.095,
    F_pi: 1.1,
    utility: 0.073,
    states_info_gain: 0.021,
    G: 0.081,
    q_pi: 0.0064,
    action_marginals: 0.0079,
  })
})
