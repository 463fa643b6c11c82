// Jobs delivered more than once, in any order of loads and commits, are applied to their rows exactly once each.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addJob,
  aPopulation,
  appliedJobs,
  commit,
  load,
  partOf,
  removeJob,
  type Loaded,
  type TestJob,
} from '../testing/agents.js'
import { ownStore } from '../testing/own-store.js'
import type { LoadPart } from './seam.js'

const AGENTS = 262
const BLOCKS = 2
const JOBS = 4
const DELIVERIES = 2

const { server, store } = await ownStore()

/** Rows of each block that a job steps; null: all of them. */
type Plan = readonly (readonly number[] | null)[]
const rows = fc
  .uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 })
  .map((some) => some.sort())
const plan: fc.Arbitrary<Plan> = fc
  .tuple(
    ...Array.from({ length: BLOCKS }, () =>
      fc.option(fc.option(rows, { nil: null, freq: 3 }), { nil: [], freq: 3 }),
    ),
  )
  .filter((wanted) => wanted.some((some) => some === null || some.length > 0))

/** What happens next: a delivery takes its next step, or the queue removes a job that has been answered. */
const event = fc.record({
  job: fc.nat(JOBS - 1),
  delivery: fc.nat(DELIVERIES - 1),
  remove: fc.nat(7).map((n) => n === 0),
})
const events = fc.array(event, { minLength: 30, maxLength: 60, size: 'max' })

interface Simulated {
  readonly job: TestJob
  readonly parts: LoadPart[]
  /** What each delivery holds between its load and its commit; null: it loads next. */
  readonly held: (Loaded[] | null)[]
  readonly outcomes: string[]
  answered: boolean
  removed: boolean
}

async function deliver(simulated: Simulated, delivery: number): Promise<void> {
  const loaded = simulated.held[delivery]
  if (loaded === null || loaded === undefined) {
    simulated.held[delivery] = await load(store, simulated.parts)
    return
  }
  const { outcome } = await commit(store, simulated.job, loaded)
  simulated.held[delivery] = null
  simulated.outcomes.push(outcome)
  const lost = simulated.removed && !simulated.answered
  assert.equal(outcome === 'gone', lost, 'gone, and only then, where the job was removed without an answer')
  if (outcome === 'already') assert.ok(simulated.answered)
  simulated.answered ||= outcome === 'done'
}

test('each job is applied exactly once and no row is lost, whatever comes between load and commit', async () => {
  const plans = fc.array(plan, { minLength: JOBS, maxLength: JOBS })
  const property = fc.asyncProperty(plans, events, async (wanted, happened) => {
    await server.redis.flushall()
    const swarm = await aPopulation(store, 'swarm', AGENTS)
    const jobs: Simulated[] = []
    for (const [number, blocks] of wanted.entries()) {
      const parts = blocks.flatMap((index, block) =>
        index?.length === 0 ? [] : [partOf(swarm, block, index && [...index])],
      )
      const job = await addJob(server.redis, number)
      jobs.push({
        job,
        parts,
        held: Array(DELIVERIES).fill(null),
        outcomes: [],
        answered: false,
        removed: false,
      })
    }
    for (const { job, delivery, remove } of happened) {
      const simulated = jobs[job]
      assert.ok(simulated)
      if (!remove) await deliver(simulated, delivery)
      else if (simulated.answered)
        simulated.removed = (await removeJob(server.redis, simulated.job)) > 0 || simulated.removed
    }
    // A worker tries again until its job is answered.
    for (const simulated of jobs) while (!simulated.answered) await deliver(simulated, 0)
    for (const { outcomes } of jobs) assert.equal(outcomes.filter((outcome) => outcome === 'done').length, 1)
    for (let block = 0; block < BLOCKS; block++) {
      const applied = await appliedJobs(store, swarm, block)
      for (const [row, numbers] of applied.entries()) {
        const meant = wanted.flatMap((blocks, number) =>
          blocks[block] === null || blocks[block]?.includes(row) ? [number] : [],
        )
        assert.deepEqual([...numbers].sort(), meant, `row ${row} of block ${block}`)
      }
    }
  })
  await fc.assert(property, { numRuns: 100 })
})
