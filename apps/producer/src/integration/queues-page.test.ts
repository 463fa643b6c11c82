// Promises of the queue’s page: it opens from here alone, shows any job, and changes nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jobKey } from '@cohort/queue'
import { call } from './calls.js'
import { startSystem } from './support.js'

const { server, producer } = await startSystem()
const url = (path: string) => `${producer.url}${path}`

test('the queue’s page opens from here alone, shows the queue, and changes nothing', async () => {
  const page = await call<string>('GET', url('/queues'))
  assert.deepEqual([page.status, page.type.split(';')[0]], [200, 'text/html'])
  assert.doesNotMatch(page.body, /(src|href)="(https?:)?\/\//)
  const { body } = await call<{ queues: QueueShown[] }>('GET', url('/queues/api/queues'))
  assert.deepEqual(
    body.queues.map(({ name, readOnlyMode }) => [name, readOnlyMode]),
    [['steps', true]],
  )
  const changes = [
    ['PUT', '/queues/api/queues/pause'],
    ['PUT', '/queues/api/queues/steps/pause'],
    ['PUT', '/queues/api/queues/steps/clean/failed'],
    ['PUT', '/queues/api/queues/steps/retry/failed'],
    ['PUT', '/queues/api/queues/steps/empty'],
    ['PUT', '/queues/api/queues/steps/obliterate'],
    ['POST', '/queues/api/queues/steps/add'],
  ] as const
  for (const [method, path] of changes) assert.equal((await call(method, url(path), {})).status, 405, path)
})

test('it has our sign, a way back to the live page, and a tab for each state of a job', async () => {
  const page = await call<string>('GET', url('/queues/queue/steps'))
  const [, sign = ''] = /<link rel="icon"[^>]* href="([^"]+)"/.exec(page.body) ?? []
  assert.equal((await call('GET', url(sign))).type, 'image/svg+xml; charset=utf-8')
  assert.match(page.body, /<a href="\/" [^>]*>← Live page<\/a>/)
  const { body } = await call<{ queues: QueueShown[] }>('GET', url('/queues/api/queues'))
  const tabs = ['latest', 'waiting', 'prioritized', 'delayed', 'active', 'failed']
  assert.deepEqual(body.queues[0]?.statuses, tabs)
  const live = await call<string>('GET', url('/'))
  const links = [...live.body.matchAll(/<a href="([^"]+)">\w/g)].map(([, path = '']) => path)
  assert.deepEqual(links, ['/docs', '/queues', '/metrics'])
  for (const path of links) assert.equal((await call('GET', url(path))).status, 200, path)
})

interface QueueShown {
  readonly name: string
  readonly readOnlyMode: boolean
  readonly statuses: readonly string[]
}
interface Shown {
  readonly queues: readonly { readonly counts: Record<string, number>; readonly jobs: readonly ShownJob[] }[]
}
interface ShownJob {
  readonly id: string
  readonly data: unknown
}

test('any job can be looked at, kilobytes of it in a line; one that nobody can read hides no other', async () => {
  const { redis } = server
  const job = { v: 1, obs: [{ type: 'i8', data: 'A'.repeat(5000) }], origins: new Array(100).fill('b') }
  for (const [id, data] of [
    ['readable', JSON.stringify(job)],
    ['unreadable', '{'],
  ] as const) {
    await redis.hset(jobKey(id), { name: 'steps', data, opts: '{}', timestamp: Date.now() })
    await redis.lpush('{s0}:steps:wait', id)
  }
  const path = '/queues/api/queues?activeQueue=steps&status=waiting&page=1&jobsPerPage=10'
  const { status, body } = await call<Shown>('GET', url(path))
  assert.equal(status, 200)
  assert.equal(body.queues[0]?.counts['waiting'], 2)
  const [shown, ...others] = body.queues[0]?.jobs ?? []
  assert.deepEqual([shown?.id, others], ['readable', []])
  const origins = [...new Array<string>(16).fill('b'), '… (100 in all)']
  const obs = [{ type: 'i8', data: `${'A'.repeat(32)}… (5000 characters)` }]
  assert.deepEqual(shown?.data, { v: 1, obs, origins })
})
