// Promises of the plan: each step once, no agent twice in a job, an agent's steps in order, all within bounds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  BLOCK_AGENTS,
  BY_ROW_PART,
  JOB_PARTS,
  JOB_STEPS,
  type ModelInfo,
  SEEN_SOFTLY,
} from '@cohort/contracts'
import { decodeJob, decodeObservations, encodeObservations } from '@cohort/queue'
import fc from 'fast-check'
import type { AdmittedSteps } from '../admit.js'
import { planJobs, type PlannedJob } from './plan-jobs.js'

const JOB_BYTES = 16 * 1024 * 1024
const MODEL: ModelInfo = {
  modelId: 'a'.repeat(64),
  shapes: { numObs: [1000, 7], numStates: [4], numControls: [2] },
  policies: 2,
  softObservations: true,
  compiledBytes: 1024,
  rowBytes: 64,
  row: [],
  agentBytes: 256,
  termBytes: 80,
}

interface Wanted {
  readonly agents: readonly number[]
  readonly t?: number
  readonly generation?: string
  readonly population?: string
  readonly count?: number
  /** Every so-manieth agent sees modality 1 as a distribution. */
  readonly softly?: number
}

let made = 0
function steps({
  agents,
  t,
  generation = '0'.repeat(16),
  population = 'p',
  count = 600,
  softly = 0,
}: Wanted): AdmittedSteps {
  made += 1
  const sorted = Uint32Array.from(agents).sort()
  const ranks = Uint32Array.from(sorted.keys()).filter(
    (rank) => softly > 0 && (sorted[rank] ?? 0) % softly === 0,
  )
  return {
    batch: `b-00000000-0000-0000-0000-${String(made).padStart(12, '0')}`,
    population: { id: population, generation, count },
    model: MODEL,
    fields: ['action', 'step'],
    agents: sorted,
    order: undefined,
    columns: [
      Int32Array.from(sorted, (agent) => (agent + made) % 1000),
      Int32Array.from(sorted, (_, rank) => (ranks.includes(rank) ? SEEN_SOFTLY : made % 7)),
    ],
    soft: ranks.length === 0 ? undefined : [undefined, { outcomes: 7, ranks, values: distributions(ranks) }],
    t,
    waitMs: 0,
    arrivedMs: 0,
    admittedMs: 0,
  }
}

/** Differs from rank to rank and from batch to batch. */
function distributions(ranks: Uint32Array): Float64Array {
  const share = (rank: number) => ((rank + made) % 97) / 97
  return Float64Array.from([...ranks].flatMap((rank) => [share(rank), 1 - share(rank), 0, 0, 0, 0, 0]))
}

/** Every step of a job as the worker sees it: who, what was seen, and whose it is. */
function stepsOf(job: PlannedJob) {
  const agents = job.parts.flatMap(({ population, generation, block, rows, index }) =>
    Array.from(
      { length: rows },
      (_, i) => `${population}/${generation}:${block * BLOCK_AGENTS + (index?.[i] ?? i)}`,
    ),
  )
  const seen = job.columns.map((column, modality) => seenIn(column, job.soft[modality] ?? null))
  const batches = job.origins.flatMap(({ batch, count, t }) =>
    Array.from({ length: count }, () => ({ batch, t })),
  )
  return agents.map((agent, row) => ({
    agent,
    ...batches[row],
    seen: seen.map((column) => column[row]),
  }))
}

/** What each row saw: its outcome, or its distribution. */
function seenIn(column: Int32Array, soft: Float64Array | null): (number | number[])[] {
  let at = 0
  const next = () => Array.from((soft ?? new Float64Array()).subarray(at, (at += 7)))
  const seen = Array.from(column, (outcome) => (outcome === SEEN_SOFTLY ? next() : outcome))
  assert.equal(at, soft?.length ?? 0)
  return seen
}

const seenBy = ({ columns, soft }: AdmittedSteps): (number | number[])[][] =>
  columns.map((column, modality) => seenIn(column, soft?.[modality]?.values ?? null))

const idOf = ({ population: { id, generation } }: AdmittedSteps, agent: number) =>
  `${id}/${generation}:${agent}`

const someSteps: fc.Arbitrary<AdmittedSteps[]> = fc
  .array(
    fc.record({
      agents: fc.oneof(
        fc.uniqueArray(fc.nat(599), { minLength: 1, maxLength: 12 }),
        fc
          .tuple(fc.nat(599), fc.integer({ min: 1, max: 600 }))
          .map(([from, length]) => upTo(Math.min(length, 600 - from), from)),
      ),
      t: fc.option(fc.nat(9), { nil: undefined }),
      generation: fc.constantFrom('0'.repeat(16), '1'.repeat(16)),
      population: fc.constantFrom('p', 'q'),
      softly: fc.constantFrom(0, 1, 3),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((all) => all.map(({ t, ...wanted }) => steps(t === undefined ? wanted : { ...wanted, t })))

const upTo = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i)

test('each step is in exactly one job, with its own observations, batch and t', () => {
  fc.assert(
    fc.property(someSteps, (pending) => {
      const planned = planJobs(pending, JOB_BYTES).flatMap(stepsOf)
      const wanted = pending.flatMap((one) =>
        [...one.agents].map((agent, rank) => ({
          agent: idOf(one, agent),
          batch: one.batch,
          t: one.t,
          seen: seenBy(one).map((column) => column[rank]),
        })),
      )
      const sorted = (all: object[]) =>
        all.map((one) => JSON.stringify(one, ['agent', 'batch', 't', 'seen'])).sort()
      assert.deepEqual(sorted(planned), sorted(wanted))
    }),
  )
})

test('runs lead from a batch’s ranks to its rows', () => {
  fc.assert(
    fc.property(someSteps, (pending) => {
      const found = new Map(pending.map((one) => [one, [] as (number | undefined)[]]))
      for (const job of planJobs(pending, JOB_BYTES)) {
        const rows = stepsOf(job)
        for (const [one, runs] of job.runs) {
          for (let at = 0; at < runs.length; at += 3) {
            const [rank = 0, row = 0, count = 0] = runs.slice(at, at + 3)
            for (let i = 0; i < count; i += 1) {
              assert.equal(rows[row + i]?.batch, one.batch)
              assert.equal(rows[row + i]?.agent, idOf(one, one.agents[rank + i] ?? -1))
              found.get(one)?.push(rank + i)
            }
          }
        }
      }
      for (const [one, ranks] of found)
        assert.deepEqual(
          ranks.sort((a = 0, b = 0) => a - b),
          upTo(one.agents.length),
        )
    }),
  )
})

test('a worker accepts every job: no agent twice, rows ascending, sums right', () => {
  fc.assert(
    fc.property(someSteps, (pending) => {
      for (const { parts, count, columns, soft, origins } of planJobs(pending, JOB_BYTES)) {
        const obs = encodeObservations(columns, soft)
        decodeObservations({ count, obs })
        decodeJob({
          v: 1,
          model: MODEL.modelId,
          parts,
          count,
          obs,
          origins,
          return: ['step'],
          channel: 'c',
          addedMs: 1,
        })
      }
    }),
  )
})

test('an agent’s steps keep their order from job to job', () => {
  fc.assert(
    fc.property(someSteps, (pending) => {
      const planned = planJobs(pending, JOB_BYTES).flatMap(stepsOf)
      for (const one of pending) {
        for (const agent of one.agents) {
          const id = idOf(one, agent)
          const inOrder = pending
            .filter((other) => idOf(other, agent) === id && other.agents.includes(agent))
            .map(({ batch }) => batch)
          assert.deepEqual(
            planned.filter((step) => step.agent === id).map(({ batch }) => batch),
            inOrder,
          )
        }
      }
    }),
  )
})

test('jobs stay within their bounds, also where few agents fit the arena', () => {
  fc.assert(
    fc.property(
      someSteps,
      fc.integer({ min: BLOCK_AGENTS * MODEL.agentBytes, max: 5 * BLOCK_AGENTS * MODEL.agentBytes }),
      (pending, jobBytes) => {
        for (const { parts, count } of planJobs(pending, jobBytes)) {
          assert.ok(parts.length <= JOB_PARTS && count <= JOB_STEPS)
          const loaded = parts.map(({ block, rows }) =>
            rows > BY_ROW_PART ? Math.min(BLOCK_AGENTS, 600 - block * BLOCK_AGENTS) : rows,
          )
          assert.ok(loaded.reduce((sum, rows) => sum + rows, 0) * MODEL.agentBytes <= jobBytes)
        }
      },
    ),
  )
})

test('a whole population becomes full jobs of whole blocks, and one origin each', () => {
  const jobs = planJobs([steps({ agents: upTo(10_000), count: 10_000 })], JOB_BYTES)
  assert.deepEqual(
    jobs.map(({ count }) => count),
    [4096, 4096, 1808],
  )
  assert.ok(jobs.every(({ parts }) => parts.every(({ index }) => index === undefined)))
  assert.ok(jobs.every(({ origins }) => origins.length === 1))
  assert.equal(jobs[2]?.parts.at(-1)?.rows, 10_000 % 256)
})

test('whole blocks come first, and a block that several batches fill is whole', () => {
  const pending = [
    steps({ agents: upTo(100) }),
    steps({ agents: upTo(256, 256) }),
    steps({ agents: upTo(156, 100) }),
    steps({ agents: [550] }),
  ]
  const [job, ...others] = planJobs(pending, JOB_BYTES)
  assert.equal(others.length, 0)
  assert.deepEqual(
    job?.parts.map(({ block, rows, index }) => [block, rows, index]),
    [
      [0, 256, undefined],
      [1, 256, undefined],
      [2, 1, [38]],
    ],
  )
})

test('a population made again under its id does not share a job’s block with the one before it', () => {
  const pending = [
    steps({ agents: [1] }),
    steps({ agents: [2], generation: '1'.repeat(16) }),
    steps({ agents: [3], generation: '1'.repeat(16) }),
  ]
  assert.deepEqual(
    planJobs(pending, JOB_BYTES).map(({ parts }) => parts.map(({ index }) => index)),
    [[[1]], [[2, 3]]],
  )
})

test('agents that are asked for the parts of their G are larger, and fewer fit a job', () => {
  const fields = ['terms'] as const
  const pending = [{ ...steps({ agents: upTo(600) }), fields }]
  const jobBytes = BLOCK_AGENTS * (MODEL.agentBytes + MODEL.termBytes)
  assert.deepEqual(
    planJobs(pending, jobBytes).map(({ count }) => count),
    [256, 256, 88],
  )
})
