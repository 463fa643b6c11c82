// Promises of the way out: spans arrive in either encoding, and an endpoint that is away is said, and bounds no stop.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, test } from 'node:test'
import { diag } from '@opentelemetry/api'
import { openLog, SILENT, type Log } from '../log.js'
import { anArrival, DAY_MS } from '../testing/recorder.js'
import { activeTrace } from './active.js'
import type { TracingSettings } from './settings.js'
import { startTracing } from './start.js'
import type { Arrival, Tracing } from './tracing.js'

interface Post {
  readonly type: string | undefined
  readonly key: string | undefined
  readonly body: Buffer
}

/** The exporter itself would try for ten seconds. */
const BRIEFLY = { timeout: 5000 }

const servers: (() => void)[] = []
afterEach(() => servers.splice(0).forEach((close) => close()))

interface Answer {
  readonly status?: number
  readonly body?: string
  /** It has the spans, and does not answer before that. */
  readonly until?: Promise<void>
}

async function aCollector({ status = 200, body = '', until }: Answer = {}) {
  const posts: Post[] = []
  const server = createServer(async (request, response) => {
    const { 'content-type': type, 'x-key': key } = request.headers
    posts.push({ type, key: key as string | undefined, body: Buffer.concat(await request.toArray()) })
    await until
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, posts }
}

function aLog() {
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>)
  return {
    lines,
    log: openLog({ app: 'test', level: 'warn', write, nowMs: () => 0, context: activeTrace }),
  }
}

const requests = (tracing: Tracing, count: number, more: Partial<Arrival> = {}) => {
  for (let i = 0; i < count; i += 1) tracing.request(anArrival(more)).end(200, DAY_MS + 1)
}

async function opened(more: Partial<TracingSettings>, log: Log = SILENT) {
  const settings: TracingSettings = {
    url: '',
    protocol: 'http/protobuf',
    headers: { 'x-key': 'k' },
    sampler: 'always_on',
    ratio: 1,
    serviceName: undefined,
    resource: {},
    sendEveryMs: 60_000,
    mostWaiting: 8192,
    ...more,
  }
  const tracing = await startTracing(settings, { service: 'cohort-test', log })
  return tracing ?? assert.fail('it is on')
}

test('what is left is sent when it stops, in the encoding that was asked for, with the headers', async () => {
  for (const [protocol, type] of [
    ['http/protobuf', 'application/x-protobuf'],
    ['http/json', 'application/json'],
  ] as const) {
    const { url, posts } = await aCollector()
    const tracing = await opened({ url, protocol })
    requests(tracing, 1)
    await tracing.stop()
    await tracing.stop()
    assert.deepEqual(
      posts.map((post) => [post.type, post.key]),
      [[type, 'k']],
    )
    const text = posts[0]?.body.toString() ?? ''
    for (const said of ['POST /v1/steps', 'cohort-test', 'service.instance.id'])
      assert.ok(text.includes(said), said)
  }
})

test('where nothing is to be traced, nothing is', async () => {
  assert.equal(await startTracing(undefined, { service: 'cohort-test', log: SILENT }), undefined)
})

test('spans that a collector refuses are lost, and the log says how many and where, without a secret', async () => {
  const { url } = await aCollector({ status: 400 })
  const { lines, log } = aLog()
  const tracing = await opened({ url: `${url}?key=hush` }, log)
  requests(tracing, 3)
  await tracing.stop()
  assert.deepEqual(
    lines.map(({ spans, to }) => [spans, to]),
    [[3, url]],
  )
  assert.doesNotMatch(JSON.stringify(lines), /hush/)
  assert.equal(tracing.spansLost(), 3)
})

test('of a batch that a collector takes in part the rest is lost', async () => {
  const body = JSON.stringify({ partialSuccess: { rejectedSpans: '2', errorMessage: 'too old' } })
  const { url } = await aCollector({ body })
  const { lines, log } = aLog()
  const tracing = await opened({ url, protocol: 'http/json' }, log)
  requests(tracing, 3)
  await tracing.stop()
  assert.equal(tracing.spansLost(), 2)
  assert.match(JSON.stringify(lines), /too old.*"spans":2/)
})

test('while a collector is slow, what there is no room for is lost, each counted, and the rest arrives', async () => {
  const answer = Promise.withResolvers<void>()
  const { url, posts } = await aCollector({ until: answer.promise })
  const { lines, log } = aLog()
  const tracing = await opened({ url, protocol: 'http/json', mostWaiting: 512 }, log)
  // A batch is sent, another waits, and there is no room for more.
  requests(tracing, 512 + 512 + 100)
  assert.equal(tracing.spansLost(), 100)
  answer.resolve()
  await tracing.stop()
  assert.deepEqual(
    lines.map(({ spans, why }) => [spans, why]),
    [[100, ['too many waited (OTEL_BSP_MAX_QUEUE_SIZE)']]],
  )
  const arrived = posts.map(({ body }) => body.toString().split('"spanId"').length - 1)
  assert.deepEqual(arrived, [512, 512])
})

test(
  'a collector that is away holds up no stop for long, and the log says what is lost',
  BRIEFLY,
  async () => {
    const { lines, log } = aLog()
    const tracing = await opened({ url: 'http://127.0.0.1:1/v1/traces' }, log)
    requests(tracing, 7)
    await tracing.stop()
    assert.deepEqual(
      lines.map(({ message, spans }) => [message, spans]),
      [['spans could not be sent and are lost', 7]],
    )
    assert.equal(tracing.spansLost(), 7)
  },
)

test('what the SDK says of itself is no request’s', async () => {
  const { lines, log } = aLog()
  const { url } = await aCollector()
  const tracing = await opened({ url }, log)
  tracing.request(anArrival()).run(() => diag.warn('something'))
  assert.deepEqual(
    lines.map(({ message, trace_id }) => [message, trace_id]),
    [['tracing: something', undefined]],
  )
  await tracing.stop()
})

test('a value that is the sender’s is cut off', async () => {
  const { url, posts } = await aCollector()
  const tracing = await opened({ url, protocol: 'http/json' })
  const request = tracing.request(anArrival({ userAgent: 'u'.repeat(12_000) }))
  const requests = [request]
  const send = tracing.send({ jobId: 'j'.repeat(100_000), steps: 1, together: 1, requests, startMs: DAY_MS })
  send.fail(new Error('e'.repeat(100_000)), DAY_MS + 1)
  request.end(200, DAY_MS + 1)
  await tracing.stop()
  const longest = /(u+|j+|e+)"/g
  const values = [...(posts[0]?.body.toString() ?? '').matchAll(longest)].map(([, { length } = '']) => length)
  assert.equal(Math.max(...values), 1024)
})
