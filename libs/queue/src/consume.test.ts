// leg: queue. What is promised of taking jobs: who is tried again, who fails, and what becomes of a dead worker's jobs.
import { CohortError } from '@cohort/contracts'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { decodeJob } from './job.js'
import { jobKey } from './queues.js'
import { until } from './testing/own-redis.js'
import { anyJob, ownQueue, TEST_RECOVERY } from './testing/setup.js'

const limit = { timeout: 20_000 }
const { own, steps, consume } = await ownQueue()

test('jobs put on the queue by hand with garbage fail alone, each with its reason', limit, async (t) => {
  const {
    consumer: started,
    failures,
    runs,
  } = await consume(t, async (id, data) => {
    if (id !== 'good') decodeJob(data)
  })
  await own.queue.add('whatever', { garbage: true }, { jobId: 'garbage' })
  await until(() => failures.length === 1)
  await own.call(`redis.call('HSET', '${jobKey('not-json')}', 'name', 'x', 'data', '{garbage')
    redis.call('HSET', '${jobKey('bad-options')}', 'name', 'x', 'data', '{}', 'opts', 'null')
    redis.call('LPUSH', '{s0}:steps:wait', 'not-json', 'bad-options', 'no-hash')
    redis.call('ZADD', '{s0}:steps:marker', 0, '0')`)
  await steps.enqueue([anyJob('good')])
  await until(() => runs.includes('good') && failures.length === 4)
  assert.deepEqual(
    new Set(failures.map(({ code, final }) => `${code} ${final}`)),
    new Set(['invalid_job true']),
  )
  const detail = Object.fromEntries(failures.map(({ id, detail }) => [id, detail]))
  assert.match(detail['not-json'] ?? '', /data is not JSON: \{garbage/)
  assert.match(detail['bad-options'] ?? '', /opts is not JSON: null/)
  assert.deepEqual(Object.keys(detail).sort(), ['bad-options', 'garbage', 'no-hash', 'not-json'])
  for (const { id } of failures) assert.equal((await steps.state(id)).state, 'failed')
  assert.equal((await steps.pressure()).jobs, 0)
  await started.close({ deadlineMs: 1000 })
})

test('a transient error is tried again, a refused one is not', limit, async (t) => {
  const {
    consumer: started,
    runs,
    failures,
  } = await consume(t, async (id) => {
    if (id === 'refused') throw new CohortError('population_gone', 'it was deleted')
    if (id === 'broken') throw new TypeError('x is not a function')
    if (runs.filter((run) => run === id).length < 3) throw new CohortError('stale_too_often', 'changed')
  })
  await steps.enqueue([anyJob('refused'), anyJob('broken'), anyJob('passing')])
  await until(() => runs.length === 5)
  await until(async () => (await steps.state('passing')).state === 'gone')
  await started.close({ deadlineMs: 1000 })
  assert.deepEqual(
    failures.filter(({ id }) => id !== 'passing').sort((a, b) => (a.id < b.id ? -1 : 1)),
    [
      { id: 'broken', code: 'internal', detail: 'x is not a function', final: true },
      { id: 'refused', code: 'population_gone', detail: 'it was deleted', final: true },
    ],
  )
  const twice = { id: 'passing', code: 'stale_too_often', detail: 'changed', final: false }
  assert.deepEqual(
    failures.filter(({ id }) => id === 'passing'),
    [twice, twice],
  )
})

test(
  'an error that does not pass ends after the last attempt, and any process can read why',
  limit,
  async (t) => {
    const { consumer: started, failures } = await consume(t, async () => {
      throw new Error('Connection is closed.')
    })
    await steps.enqueue([anyJob('cut')])
    await until(() => failures.some(({ final }) => final))
    await started.close({ deadlineMs: 1000 })
    assert.deepEqual(
      failures.map(({ final }) => final),
      [false, false, false, false, true],
    )
    assert.deepEqual(await steps.state('cut'), {
      state: 'failed',
      code: 'redis_unavailable',
      detail: 'Connection is closed.',
    })
  },
)

test('a job of a worker that was killed is done by another', limit, async (t) => {
  await steps.enqueue([anyJob('orphan')])
  const holder = await heldBy(t, 'orphan')
  assert.deepEqual(await steps.state('orphan'), { state: 'active' })
  holder.kill('SIGKILL')
  const { consumer: started, runs, failures } = await consume(t, async () => {})
  await until(() => runs.length > 0)
  await started.close({ deadlineMs: 1000 })
  assert.deepEqual([runs, failures], [['orphan'], []])
  assert.equal((await steps.state('orphan')).state, 'gone')
})

test('a job under which too many workers died fails, and is answered', limit, async (t) => {
  const recovery = { ...TEST_RECOVERY, startsAtMost: 2 }
  await steps.enqueue([anyJob('poison')])
  for (let kills = 0; kills < 2; kills++) {
    const holder = await heldBy(t, 'poison')
    holder.kill('SIGKILL')
    await once(holder, 'exit')
  }
  const { consumer: started, runs, failures } = await consume(t, async () => {}, { recovery })
  await until(() => failures.length > 0)
  await started.close({ deadlineMs: 1000 })
  assert.deepEqual(runs, [])
  const [{ id, code, final } = { id: '', code: '', final: false }] = failures
  assert.deepEqual([id, code, final], ['poison', 'job_exhausted', true])
  assert.equal((await steps.state('poison')).state, 'failed')
})

test('a worker that lost its job to another neither throws nor answers for it', limit, async (t) => {
  const hold = Promise.withResolvers<void>()
  const {
    consumer: started,
    runs,
    failures,
  } = await consume(t, async (id) => {
    if (id === 'taken') await hold.promise
    if (id === 'removed') throw new CohortError('population_gone', 'late')
  })
  await steps.enqueue([anyJob('taken')])
  await until(() => runs.includes('taken'))
  await own.call(
    `redis.call('DEL', '${jobKey('taken')}', '${jobKey('taken')}:lock')
    redis.call('LREM', '{s0}:steps:active', 0, 'taken')`,
  )
  hold.resolve()
  await steps.enqueue([anyJob('next')])
  await until(() => runs.includes('next'))
  await started.close({ deadlineMs: 1000 })
  assert.deepEqual(failures, [])
})

/** A process that has taken the job and keeps it. */
async function heldBy(t: TestContext, id: string) {
  const file = fileURLToPath(new URL('./testing/held-job.js', import.meta.url))
  const holder = spawn(process.execPath, [file, own.redis.path], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => holder.kill('SIGKILL'))
  const [taken] = await once(holder.stdout, 'data')
  assert.equal(String(taken), `${id}\n`)
  return holder
}
