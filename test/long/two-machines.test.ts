// Workers on two machines, as docs/guides/scale-out.md says: jobs shared, the network cut under them, and whole again.
//
// The machines are network namespaces of one kernel. Claims on cores end at a network's border, so both workers would
// take the same ones: pinning is off.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Cohort } from '@cohort/client'
import { jobKey } from '@cohort/queue'
import { connect, type Redis } from '@cohort/store'
import { aPopulation, sightings } from '../support/builders.js'
import { kill, type Running } from '../support/processes.js'
import { until } from '../support/until.js'
import { REDIS_PORT, redisOn, type TwoMachines, twoMachines, whyNot } from './two-machines.js'

const skip = (await whyNot()) ?? false
/** Requests that are sent at once: they become more jobs than the four that two workers with a thread each take. */
const JOBS = 8
const AGENTS = 512
const COUNT = JOBS * AGENTS
/** 3,125 policies: a job takes long enough to be caught in the middle. */
const SLOW = { policyLen: 5 }

let machines: TwoMachines
let redis: Redis
let cohort: Cohort
let population: string
let near: Running
let far: Running
/** Steps of each agent that were asked for. */
let rounds = 0
const closing: (() => Promise<unknown>)[] = []

before(async () => {
  if (skip !== false) return
  machines = await twoMachines()
  closing.push(machines.remove)
  const { one, two, front } = machines
  closing.push(await redisOn(one))
  // What arrives together is to be several jobs.
  const env = { REDIS_URL: urlAt(`127.0.0.1:${REDIS_PORT}`), HOST: '0.0.0.0', COHORT_GATHER_MS: '0' }
  const producer = await one.start('apps/producer/dist/main.js', env)
  closing.push(() => kill(producer))
  near = await one.start('apps/worker/dist/main.js', workerEnv(`127.0.0.1:${REDIS_PORT}`))
  closing.push(() => kill(near))
  far = await two.start('apps/worker/dist/main.js', workerEnv(`${one.address}:${REDIS_PORT}`))
  closing.push(() => kill(far))
  redis = connect(urlAt(`${front}:${REDIS_PORT}`), { name: 'test', onError: () => {} })
  closing.push(async () => redis.disconnect())
  cohort = new Cohort({ url: `http://${front}:3000` })
  population = await aPopulation(cohort, { count: COUNT, options: SLOW })
})
after(async () => {
  for (const close of closing.reverse()) await close()
})

test('two machines share the jobs, and each agent steps once a request', { skip }, async () => {
  assert.deepEqual(await workersSeen(), 2)
  await until('both have done jobs', async () => {
    await aRound()
    return jobsDone(near) > 0 && jobsDone(far) > 0
  })
  await everyAgentStepped(rounds)
})

test('a machine is cut off in the middle of its jobs: the other does them', { skip }, async (t) => {
  const { sending } = await until('both machines have jobs in hand', roundInBothHands)
  const doneByFar = jobsDone(far)
  await machines.pull()
  const cutMs = performance.now()
  const batches = await sending
  // New requests are taken and answered meanwhile.
  const other = await aPopulation(cohort, { count: 300 })
  const { status } = await cohort.steps.run({ population: other, observations: [sightings(300)] })
  assert.equal(status, 'completed')
  t.diagnostic(`a request sent after the cut was answered ${seconds(cutMs)} s after it`)
  await completed(batches)
  t.diagnostic(`what the far machine had in hand was answered ${seconds(cutMs)} s after the cut`)
  assert.ok(jobsDone(far) <= doneByFar + 2, 'the far machine took nothing more')
  // What the cut-off worker holds is older than this.
  await aRound()
  await everyAgentStepped(rounds)
  await until('the producer misses it', async () => (await workersSeen()) === 1)
  const health = await machines.two.get(`${healthOf(far)}/readyz`)
  assert.equal(health.status, 503)
  assert.match(health.body, /Redis has not answered within 1000 ms/)
})

test('the cable is back: the worker writes nothing late, and takes jobs again', { skip }, async (t) => {
  const doneByFar = jobsDone(far)
  await machines.plug()
  const backMs = performance.now()
  // When TCP tries again: the longer the cut, the later, two minutes at the latest.
  await until('it is heard again', async () => (await workersSeen()) === 2, 130_000)
  t.diagnostic(`the producer sees it again ${seconds(backMs)} s after the cable is back`)
  await until('it is ready', async () => (await machines.two.get(`${healthOf(far)}/readyz`)).status === 200)
  await until('it tells of its late commits', async () => /"outcome":"(gone|already)"/.test(far.said()))
  await everyAgentStepped(rounds)
  await until('it has done jobs again', async () => {
    await aRound()
    return jobsDone(far) > doneByFar
  })
  await everyAgentStepped(rounds)
})

test('a worker far away from Redis does its jobs all the same', { skip }, async (t) => {
  await Promise.all([near, far].map(kill))
  population = await aPopulation(cohort, { count: COUNT })
  rounds = 0
  for (const delayMs of [0, 1, 5]) {
    const distant = await distantWorker(delayMs)
    // The first round warms it up.
    await roundsOfAll(1)
    const beganMs = performance.now()
    await roundsOfAll(20)
    const rate = (20 * COUNT) / (performance.now() - beganMs)
    t.diagnostic(`Redis ${2 * delayMs} ms away, there and back: ${rate.toFixed(0)} thousand steps/s`)
    await everyAgentStepped(rounds)
    await distant.stop()
  }
})

const urlAt = (place: string): string => `redis://${place}`

const workerEnv = (redisAt: string) => ({
  REDIS_URL: urlAt(redisAt),
  COHORT_LOG_LEVEL: 'debug',
  COHORT_THREADS: '1',
  COHORT_PINNING: 'off',
})

/** A worker on the second machine whose every word to Redis and back is late. */
async function distantWorker(delayMs: number): Promise<{ readonly stop: () => Promise<void> }> {
  const { one, two } = machines
  const road = await two.start('test/dist/long/slow-road.js', {
    TO: `${one.address}:${REDIS_PORT}`,
    DELAY_MS: String(delayMs),
  })
  const port = /"port":(\d+)/.exec(road.ready)?.[1]
  const worker = await two.start('apps/worker/dist/main.js', workerEnv(`127.0.0.1:${port}`))
  const stop = async () => void (await Promise.all([worker, road].map(kill)))
  closing.push(stop)
  return { stop }
}

/** A step of every agent, in several jobs; resolves when they are on the queue: acknowledged, and so never lost. */
async function sendRound(): Promise<string[]> {
  const round = rounds++
  const sent = Array.from({ length: JOBS }, (_, i) =>
    cohort.steps.enqueue({
      population,
      agents: { from: i * AGENTS, count: AGENTS },
      observations: [sightings(AGENTS, round)],
      t: round,
    }),
  )
  return (await Promise.all(sent)).map(({ batchId }) => batchId)
}

/** As many clients as jobs at once, each of which waits for its answers before it asks again. */
async function roundsOfAll(times: number): Promise<void> {
  const clients = Array.from({ length: JOBS }, async (_, i) => {
    for (let t = rounds; t < rounds + times; t++) {
      const agents = { from: i * AGENTS, count: AGENTS }
      const request = { population, agents, observations: [sightings(AGENTS, t)], t }
      const { status } = await cohort.steps.run(request)
      assert.equal(status, 'completed')
    }
  })
  await Promise.all(clients)
  rounds += times
}

/** A round that is caught while each machine has two of its jobs, the most that it takes; else it is let go by. */
async function roundInBothHands(): Promise<{ readonly sending: Promise<string[]> } | undefined> {
  const sending = sendRound()
  let over = false
  const going = sending.then(completed).finally(() => (over = true))
  while (!over) if ((await redis.llen(jobKey('active'))) === 4) return { sending }
  await going
  return undefined
}

async function completed(batches: readonly string[]): Promise<void> {
  for (const id of batches) {
    const batch = await cohort.batches.wait(id)
    assert.deepEqual(batch.errors, [])
    assert.equal(batch.status, 'completed')
  }
}

const aRound = async (): Promise<void> => completed(await sendRound())

async function everyAgentStepped(times: number): Promise<void> {
  const { steps } = await cohort.populations.get(population)
  assert.deepEqual(steps, { total: COUNT * times, min: times, max: times })
}

async function workersSeen(): Promise<number> {
  const answer = await fetch(`http://${machines.front}:3000/readyz`)
  return ((await answer.json()) as { workers: number }).workers
}

const jobsDone = (worker: Running): number => worker.said().match(/"message":"a job is done"/g)?.length ?? 0
const healthOf = (worker: Running): string => /health (\S+)/.exec(worker.ready)?.[1] ?? ''
const seconds = (sinceMs: number): string => ((performance.now() - sinceMs) / 1000).toFixed(1)
