// A worker that dies, hangs or wakes too late loses no step and repeats none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aPopulation, sightings, SLOW } from '../support/builders.js'
import { ownSystem, replaceOldest } from '../support/own-system.js'
import { kill, type Running } from '../support/processes.js'
import { until } from '../support/until.js'

const { system } = await ownSystem({ workers: 2 })

test('of two workers one is killed with -9 again and again: every step is applied exactly once', async () => {
  const { cohort } = system
  const count = 2048
  const rounds = 12
  const population = await aPopulation(cohort, { count, options: { inference: 'messagePassing', window: 2 } })
  for (let round = 0; round < rounds; round++) {
    // Four requests at once, so that both workers hold jobs when one of them dies.
    const quarters = [0, 1, 2, 3].map((quarter) =>
      cohort.steps.run({
        population,
        agents: { from: (quarter * count) / 4, count: count / 4 },
        observations: [sightings(count / 4, round)],
        t: round,
      }),
    )
    if (round % 3 === 1) await replaceOldest(system)
    for (const batch of await Promise.all(quarters)) {
      assert.deepEqual(batch.errors ?? [], [])
      assert.equal(batch.status, 'completed')
      assert.ok(batch.results?.step?.every((step) => step === round + 1))
    }
  }
  const { steps } = await cohort.populations.get(population)
  assert.deepEqual(steps, { total: count * rounds, min: rounds, max: rounds })
})

test('a worker stopped past its lock and woken after another did its job writes nothing', async () => {
  const { cohort } = system
  for (const worker of system.workers.splice(1)) await kill(worker)
  const [sleeper] = system.workers
  assert.ok(sleeper)
  const count = 256
  const population = await aPopulation(cohort, { count, options: SLOW })
  const { batchId } = await cohort.steps.enqueue({ population, observations: [sightings(count)] })
  await until('the job is active', async () => (await cohort.batches.get(batchId)).status === 'active')
  sleeper.process.kill('SIGSTOP')
  assert.equal(
    (await cohort.batches.get(batchId)).status,
    'active',
    'it was stopped in the middle of its job',
  )
  await system.addWorker()
  const batch = await cohort.batches.wait(batchId, { deadlineMs: 60_000 })
  assert.equal(batch.status, 'completed')
  const before = await beliefsOf(population)
  sleeper.process.kill('SIGCONT')
  await outcomeOf(sleeper)
  assert.deepEqual(await beliefsOf(population), before)
  assert.deepEqual((await cohort.populations.get(population)).steps, { total: count, min: 1, max: 1 })
  // It is whole again: alone, it does the next job.
  for (const worker of system.workers.splice(1)) await kill(worker)
  const next = await cohort.steps.run({ population, observations: [sightings(count, 1)], t: 1 })
  assert.equal(next.status, 'completed')
})

const beliefsOf = (population: string) =>
  Promise.all([0, 127, 128, 255].map((agent) => system.cohort.agents.get(population, agent)))

/** The sleeper says of its late commit that its job is gone, or was committed by another. */
const outcomeOf = (worker: Running) =>
  until('the woken worker reports its late commit', () => {
    return Promise.resolve(/"outcome":"(gone|already)"/.test(worker.said()))
  })
