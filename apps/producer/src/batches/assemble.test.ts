// Promises of the assembly: the request's order, failed steps in errors only, statuses that say which.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failedResult, RESULT_VERSION, type JobResult, type ResultNotes } from '@cohort/contracts'
import { assembleBatch } from './assemble.js'

const MARKS = { taken: 1, load: 2, dispatch: 3, compute: 4, commit: 5 }
const answer = (
  columns: object,
  errors: { row: number; code: string; detail: string }[] = [],
): JobResult => ({
  v: RESULT_VERSION,
  jobId: 'j',
  ok: true,
  columns,
  errors,
  marks: MARKS,
})
const BATCH = {
  agents: [7, 3, 9, 1],
  return: ['action', 'step', 'beliefs', 'qPi', 'vfe'] as const,
  // Rows of two jobs that hold steps of others too; agents 1 and 3 are in the first.
  jobs: [
    { jobId: 'a', rows: [2, 3], positions: [3, 1] },
    { jobId: 'b', rows: [0, 5], positions: [0, 2] },
  ],
}
const column = (first: number) => Array.from({ length: 6 }, (_, row) => first + row)
const full = (first: number) => ({
  action: [column(first), column(first + 50)],
  step: column(first),
  beliefs: [column(first).map((x) => [x, -x])],
  qPi: column(first).map((x) => [x]),
  vfe: column(first).map((x) => x / 2),
})

test('columns come in the order of the request', () => {
  const { status, results, errors } = assembleBatch(BATCH, [answer(full(100)), answer(full(200))])
  assert.equal(status, 'completed')
  assert.deepEqual(errors, [])
  assert.deepEqual(results, {
    agents: [7, 3, 9, 1],
    action: [
      [200, 103, 205, 102],
      [250, 153, 255, 152],
    ],
    step: [200, 103, 205, 102],
    beliefs: [
      [
        [200, -200],
        [103, -103],
        [205, -205],
        [102, -102],
      ],
    ],
    qPi: [[200], [103], [205], [102]],
    vfe: [100, 51.5, 102.5, 51],
  })
})

test('a step that failed is in the errors and in no column', () => {
  const wrong = { row: 5, code: 'wrong_step', detail: 'it is at 4' }
  const other = { row: 4, code: 'wrong_step', detail: 'of another batch' }
  const { status, results, errors } = assembleBatch(BATCH, [
    answer(full(100)),
    answer(full(200), [other, wrong]),
  ])
  assert.equal(status, 'partial')
  assert.deepEqual(errors, [{ agent: 9, code: 'wrong_step', detail: 'it is at 4' }])
  assert.deepEqual(
    [results.agents, results.step, results.action],
    [
      [7, 3, 1],
      [200, 103, 102],
      [
        [200, 103, 102],
        [250, 153, 152],
      ],
    ],
  )
})

test('a job that failed as a whole fails its own steps only', () => {
  const failed = failedResult('a', { code: 'population_gone', detail: 'deleted' })
  const { status, results, errors } = assembleBatch(BATCH, [failed, answer(full(200))])
  assert.equal(status, 'partial')
  assert.deepEqual(
    errors.map(({ agent, code }) => [agent, code]),
    [
      [3, 'population_gone'],
      [1, 'population_gone'],
    ],
  )
  assert.deepEqual(
    [results.agents, results.step],
    [
      [7, 9],
      [200, 205],
    ],
  )
})

test('where nothing stepped, the columns that were asked for are empty', () => {
  const failed = failedResult('a', { code: 'job_exhausted', detail: '' })
  const { status, results, errors } = assembleBatch(BATCH, [failed, failed])
  assert.deepEqual([status, errors.length], ['failed', 4])
  assert.deepEqual(results, { agents: [], action: [], step: [], beliefs: [], qPi: [], vfe: [] })
})

test('the columns of controls and terms come in the order of the request; a plan that was kept has none', () => {
  const fields = ['margin', 'G', 'terms'] as const
  const terms = (of: (x: number) => unknown) => ({
    utility: column(0).map(of),
    statesInfoGain: column(10).map(of),
    paramInfoGainA: column(20).map(of),
    paramInfoGainB: column(30).map(of),
    inductive: column(40).map(of),
  })
  const columns = (of: (x: number) => unknown) => ({
    margin: [column(60), column(70)],
    G: column(80).map(of),
    terms: terms(of),
  })
  const answers = [answer(columns(() => null)), answer(columns((x) => [x]))]
  const { results } = assembleBatch({ ...BATCH, return: fields }, answers)
  assert.deepEqual(results, {
    agents: [7, 3, 9, 1],
    margin: [
      [60, 63, 65, 62],
      [70, 73, 75, 72],
    ],
    G: [[80], null, [85], null],
    terms: {
      utility: [[0], null, [5], null],
      statesInfoGain: [[10], null, [15], null],
      paramInfoGainA: [[20], null, [25], null],
      paramInfoGainB: [[30], null, [35], null],
      inductive: [[40], null, [45], null],
    },
  })
  const failed = failedResult('a', { code: 'job_exhausted', detail: '' })
  const none = { utility: [], statesInfoGain: [], paramInfoGainA: [], paramInfoGainB: [], inductive: [] }
  const nothing = assembleBatch({ ...BATCH, return: fields }, [failed, failed])
  assert.deepEqual(nothing.results, { agents: [], margin: [], G: [], terms: none })
})

test('notes on rows become the agents that they are of, and none of another batch', () => {
  const noted = (notes: ResultNotes) => ({ ...answer(full(0)), notes }) as JobResult
  const { results } = assembleBatch(BATCH, [
    noted({ impossible: [1, 2, 3] }),
    noted({ impossible: [0, 1], planKept: [1, 2] }),
  ])
  assert.deepEqual(results.impossible, [7, 3, 1])
  assert.ok(!('planKept' in results))
})

test('an index that is broken is our fault, never the step of another agent', () => {
  const jobs = BATCH.jobs.map((job) => ({ ...job, positions: job.positions.slice(1) }))
  const short = { ...BATCH, jobs }
  assert.throws(() => assembleBatch(short, [answer(full(100)), answer(full(200))]), { code: 'internal' })
  assert.throws(() => assembleBatch(BATCH, [answer(full(100))]), { code: 'internal' })
  const fewer = answer({ ...full(200), vfe: undefined })
  assert.throws(() => assembleBatch(BATCH, [answer(full(100)), fewer]), { code: 'internal' })
})
