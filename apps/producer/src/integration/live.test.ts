// Promises of the live page’s server side: files from here alone, and one stream of news for whoever looks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { LEGS } from '@cohort/contracts'
import type { Snapshot } from '../../page/snapshot.js'
import { call, makePopulation, postSteps, readEnded, type ProblemBody } from './calls.js'
import { aProducer, end, startRedis, startSystem, startWorker } from './support.js'

const { server, producer } = await startSystem()
const url = (path: string) => `${producer.url}${path}`

interface News {
  readonly id: number
  readonly snapshot: Snapshot
}

/** The events of a page, until it is left. */
async function* aPage(from = producer): AsyncGenerator<News> {
  const left = new AbortController()
  const { body, headers } = await fetch(`${from.url}/live/events`, { signal: left.signal })
  assert.equal(headers.get('content-type'), 'text/event-stream; charset=utf-8')
  assert.equal(headers.get('cache-control'), 'no-store')
  let text = ''
  try {
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
        const [, id, data] = /^id: (\d+)\ndata: (.*)$/.exec(text.slice(0, at)) ?? []
        text = text.slice(at + 2)
        if (data !== undefined) yield { id: Number(id), snapshot: JSON.parse(data) as Snapshot }
      }
    }
  } finally {
    left.abort()
  }
}

/** The first news of a new page that the test waits for. */
async function news(isIt: (snapshot: Snapshot) => boolean = () => true, from = producer): Promise<News> {
  for await (const one of aPage(from)) if (isIt(one.snapshot)) return one
  return assert.fail('the stream has ended')
}

test('the page and its files come from here, and may load nothing from elsewhere', async () => {
  const page = await call<string>('GET', url('/'))
  assert.deepEqual([page.status, page.type], [200, 'text/html; charset=utf-8'])
  assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'none'; script-src 'self';/)
  assert.doesNotMatch(
    page.body.replaceAll('http://www.w3.org/2000/svg', ''),
    /https?:|\/\/[a-z]|style=|<script>/,
  )
  const named = [...page.body.matchAll(/(?:src|href)="(\/live\/[^"]+)"/g)].map(([, path = '']) => path)
  const files = [...new Set(named)]
  assert.deepEqual(files, ['/live/mark.svg', '/live/page.css', '/live/page.js'])
  const imports = (await call<string>('GET', url('/live/page.js'))).body.matchAll(/from '\.\/([^']+)'/g)
  for (const path of [...files, ...[...imports].map(([, name]) => `/live/${name}`)]) {
    const { status, headers } = await call('GET', url(path))
    assert.equal(status, 200, path)
    const again = await fetch(url(path), { headers: { 'if-none-match': headers.get('etag') ?? '' } })
    assert.equal(again.status, 304, path)
  }
})

test('what is not there is a problem, beside the page and beside the queue’s', async () => {
  for (const path of ['/live/nothing.js', '/live', '/queues/nothing/at/all']) {
    const { status, body } = await call<ProblemBody>('GET', url(path))
    assert.deepEqual([status, body.code], [404, 'unknown_route'], path)
  }
})

test('a page gets news at once; the next one the same, with what was told before', async () => {
  const pages = [aPage(), aPage()]
  const [first] = await Promise.all(pages.map(async (page) => (await page.next()).value as News))
  assert.deepEqual(first?.snapshot.system, { queue: { waiting: 0, active: 0, oldestMs: 0 }, workers: [] })
  const [one, other] = await Promise.all(pages.map(async (page) => (await page.next()).value as News))
  assert.deepEqual(one, other)
  assert.ok((one?.id ?? 0) > (first?.id ?? 0))
  const late = await news()
  assert.ok((late.snapshot.minute ?? []).some(({ atMs }) => atMs === one?.snapshot.now.atMs))
  for (const page of pages) await page.return(undefined)
})

test('while nobody looks nothing is seen: the next page begins without a past', async () => {
  await news()
  // A page that comes before the server has heard that the last one left finds the past still there.
  while ((await news()).snapshot.minute !== undefined) await sleep(50)
})

test('steps are told: the legs of all requests, the latency of those that waited, and who computed them', async (t) => {
  const worker = await startWorker(server.url)
  t.after(() => end(worker))
  await makePopulation(producer.url, 'seen', 8)
  const observations = [[0, 1, 0, 1, 0, 1, null, null]]
  const queued = await postSteps<{ batchId: string }>(producer.url, { population: 'seen', observations })
  await readEnded(producer.url, queued.body.batchId)
  const unawaited = await news(({ requests }) => requests.ended > 0)
  assert.deepEqual([unawaited.snapshot.requests.ended, unawaited.snapshot.requests.waited], [1, 0])
  const { body } = await postSteps(producer.url, { population: 'seen', observations, waitMs: 5000 })
  assert.equal(body.status, 'completed')
  const isTold = ({ requests, system }: Snapshot) => requests.waited === 1 && system?.workers[0]?.steps === 16
  const { now, requests, waiting, system } = (await news(isTold)).snapshot
  assert.deepEqual(
    requests.legs.map(({ leg }) => leg),
    [...LEGS],
  )
  assert.ok(requests.legs.every(({ meanMs }) => meanMs >= 0))
  assert.ok((now.p50 ?? 0) > 0)
  assert.equal(requests.ended, 2)
  assert.equal(waiting.steps, 0)
  assert.deepEqual(system?.workers[0]?.pid, worker.process.pid)
  assert.deepEqual(
    system?.workers[0]?.threads.map(({ cpu }) => cpu),
    [null],
  )
  const rated = await news(({ now }) => now.stepsPerSecond !== undefined)
  assert.ok(rated.snapshot.system?.workers[0]?.threads.every(({ busy = -1 }) => busy >= 0 && busy <= 1))
})

test('without Redis the page is told so, and hears of the system when it is back', async () => {
  const own = await startRedis()
  const beside = await aProducer(own.url)
  await own.kill()
  await news(({ system }) => system === undefined, beside)
  await own.again()
  await news(({ system }) => system !== undefined, beside)
  await beside.stop()
  await own.stop()
})

test('so many pages, and streams of batches, are open beside each other; one page more is refused', async (t) => {
  const beside = await aProducer(server.url, { COHORT_MAX_EVENT_STREAMS: '1' })
  const leaving = new AbortController()
  t.after(() => (leaving.abort(), beside.stop()))
  const open = (path: string) => fetch(`${beside.url}${path}`, { signal: leaving.signal })
  await makePopulation(beside.url, 'beside', 1)
  const { body } = await postSteps<{ batchId: string }>(beside.url, {
    population: 'beside',
    observations: [[0]],
  })
  const events = `/v1/batches/${body.batchId}/events`
  const pages = await Promise.all(Array.from({ length: 64 }, () => open('/live/events')))
  assert.ok(pages.every(({ status }) => status === 200))
  assert.equal((await open(events)).status, 200)
  const refused = [await open('/live/events'), await open(events)]
  assert.deepEqual(
    refused.map(({ status }) => status),
    [429, 429],
  )
  const said = await Promise.all(refused.map(async (one) => ((await one.json()) as ProblemBody).detail))
  assert.match(said.join(), /64 live pages.*COHORT_MAX_EVENT_STREAMS/)
})

test('a producer that stops ends the pages’ streams, and does not wait for them', async () => {
  const beside = await aProducer(server.url, { COHORT_DRAIN_MS: '60000' })
  const page = aPage(beside)
  await page.next()
  await beside.stop()
  let left = 0
  for await (const _ of page) left += 1
  assert.ok(left < 5)
})
