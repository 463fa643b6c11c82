// Promises of gathering: no wait when nothing is under way, a window when something is, one add at a time.
import assert from 'node:assert/strict'
import { mock, test, type TestContext } from 'node:test'
import { CohortError, type BatchId, type ModelInfo } from '@cohort/contracts'
import { SILENT } from '@cohort/telemetry'
import type { AdmittedSteps } from './admit.js'
import type { Flush } from './flush.js'
import { Gather } from './gather.js'
import { Observers } from './observer.js'
import { WaitingSteps } from './waiting-steps.js'

const WINDOW_MS = 2
const MODEL: ModelInfo = {
  modelId: 'a'.repeat(64),
  shapes: { numObs: [9], numStates: [4], numControls: [2] },
  policies: 2,
  softObservations: true,
  compiledBytes: 1024,
  rowBytes: 64,
  row: [],
  agentBytes: 256,
  termBytes: 80,
}

let made = 0
function steps(from: number, count = 1, fields: AdmittedSteps['fields'] = ['step']): AdmittedSteps {
  made += 1
  return {
    batch: `b-00000000-0000-0000-0000-${String(made).padStart(12, '0')}`,
    population: { id: 'p', generation: '0'.repeat(16), count: 100_000 },
    model: MODEL,
    fields,
    agents: Uint32Array.from({ length: count }, (_, i) => from + i),
    order: undefined,
    columns: [new Int32Array(count)],
    soft: undefined,
    t: undefined,
    waitMs: 0,
    arrivedMs: 0,
    admittedMs: 0,
  }
}

/** A gather whose adds end when the test says so, under a clock that the test moves. */
function gathering(t: TestContext) {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'Date'] })
  t.after(() => mock.timers.reset())
  const waiting = new WaitingSteps(1_000_000)
  const adds: { flush: Flush; end: PromiseWithResolvers<void> }[] = []
  const ends = new Map<string, () => void>()
  /** Batches whose key another one has taken over. */
  const taken = new Set<BatchId>()
  const gather = new Gather({
    windowMs: WINDOW_MS,
    jobBytes: 16 * 1024 * 1024,
    channel: 'c',
    nowMs: () => Date.now(),
    waiting,
    notify: {
      expect: ({ jobs }, giveBack) => {
        for (const { id, job } of jobs) ends.set(id, () => giveBack(job.count))
        return () => {}
      },
      forget: ({ jobs }) => jobs.forEach(({ id }) => ends.get(id)?.()),
    },
    observer: new Observers(SILENT, []),
    keep: ({ records }) =>
      Promise.resolve(records.map(({ record }) => record.id).filter((id) => taken.has(id))),
    put: (flush) => {
      const end = Promise.withResolvers<void>()
      adds.push({ flush, end })
      return end.promise
    },
  })
  const add = (one: AdmittedSteps) => {
    waiting.take(one.agents.length)
    return gather.add(one)
  }
  /** Batches of each add so far. */
  const sizes = () => adds.map(({ flush }) => flush.pending.length)
  /** Workers have answered all jobs of an add. */
  const answer = (at: number) => adds[at]?.flush.jobs.forEach(({ id }) => ends.get(id)?.())
  const tick = async (ms: number) => {
    mock.timers.tick(ms)
    await settle()
  }
  return { gather, waiting, taken, adds, add, sizes, answer, tick }
}

const settle = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve()
}

test('with nothing under way, what arrives in one turn goes at its end', async (t) => {
  const { add, adds, sizes, tick } = gathering(t)
  const both = [add(steps(0)), add(steps(1))]
  assert.deepEqual(sizes(), [])
  await tick(0)
  assert.deepEqual(sizes(), [2])
  assert.equal(adds[0]?.flush.jobs.length, 1)
  adds[0]?.end.resolve()
  await Promise.all(both)
})

test('with jobs under way, steps are gathered until the window of the first one ends', async (t) => {
  const { add, adds, sizes, tick } = gathering(t)
  const first = add(steps(0))
  await tick(0)
  adds[0]?.end.resolve()
  await first
  await settle()
  void add(steps(1))
  await tick(1)
  void add(steps(2))
  assert.deepEqual(sizes(), [1])
  await tick(1)
  assert.deepEqual(sizes(), [1, 2])
})

test('a full job does not wait for the window', async (t) => {
  const { add, adds, sizes, tick } = gathering(t)
  void add(steps(0))
  await tick(0)
  adds[0]?.end.resolve()
  await settle()
  void add(steps(0, 4000))
  assert.deepEqual(sizes(), [1])
  void add(steps(4000, 96))
  await settle()
  assert.deepEqual(sizes(), [1, 2])
})

test('what arrives while an add is under way goes with the next one', async (t) => {
  const { add, adds, sizes, tick } = gathering(t)
  void add(steps(0))
  await tick(0)
  const during = [add(steps(1)), add(steps(2, 5000))]
  await tick(10)
  assert.deepEqual(sizes(), [1])
  adds[0]?.end.resolve()
  await settle()
  assert.deepEqual(sizes(), [1, 2])
  adds[1]?.end.resolve()
  await Promise.all(during)
})

test('when the last job under way is answered, what waits goes without the rest of its window', async (t) => {
  const { add, adds, sizes, answer, tick } = gathering(t)
  void add(steps(0))
  await tick(0)
  adds[0]?.end.resolve()
  await settle()
  void add(steps(1))
  answer(0)
  await tick(0)
  assert.deepEqual(sizes(), [1, 1])
})

test('steps that want other columns go in jobs of their own, without waiting for each other', async (t) => {
  const { add, adds, tick } = gathering(t)
  void add(steps(0, 1, ['step']))
  void add(steps(1, 1, ['step', 'G']))
  await tick(0)
  assert.deepEqual(
    adds.map(({ flush }) => flush.jobs.map(({ job }) => job.return)),
    [[['step']], [['step', 'G']]],
  )
})

test('where the add fails, each of its requests hears it and its steps wait no more', async (t) => {
  const { add, adds, waiting, tick } = gathering(t)
  const both = [add(steps(0)), add(steps(1, 10))]
  await tick(0)
  assert.equal(waiting.count, 11)
  adds[0]?.end.reject(new CohortError('redis_unavailable', 'gone'))
  for (const one of both) await assert.rejects(one, { code: 'redis_unavailable' })
  assert.equal(waiting.count, 0)
})

test('steps whose key another batch has taken over are refused and go on no job; the others go', async (t) => {
  const { add, adds, taken, waiting, answer, tick } = gathering(t)
  const [slept, awake] = [steps(3), steps(5)]
  taken.add(slept.batch)
  const refused = assert.rejects(add(slept), { code: 'key_in_progress' })
  const added = add(awake)
  await tick(0)
  await refused
  assert.deepEqual(
    adds.map(({ flush }) => flush.pending.map(({ batch }) => batch)),
    [[awake.batch]],
  )
  adds[0]?.end.resolve()
  await added
  answer(0)
  assert.equal(waiting.count, 0)
})

test('steps wait until their job is answered', async (t) => {
  const { add, adds, waiting, answer, tick } = gathering(t)
  void add(steps(0, 7))
  await tick(0)
  adds[0]?.end.resolve()
  await settle()
  assert.equal(waiting.count, 7)
  answer(0)
  assert.equal(waiting.count, 0)
})

test('a drain sends what waits and resolves when the queue has it', async (t) => {
  const { gather, add, adds, sizes, tick } = gathering(t)
  void add(steps(0))
  await tick(0)
  void add(steps(1))
  let drained = false
  const drain = gather.drain().then(() => (drained = true))
  adds[0]?.end.resolve()
  await settle()
  assert.deepEqual([sizes(), drained], [[1, 1], false])
  adds[1]?.end.resolve()
  await drain
})
