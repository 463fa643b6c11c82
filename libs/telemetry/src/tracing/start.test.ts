// Promises of the way out: spans arrive in either encoding, and an endpoint that is away is said, and bounds no stop.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, test } from 'node:test'
import { openLog, SILENT, type Log } from '../log.js'
import { anArrival, DAY_MS } from '../testing/recorder.js'
import type { TracingSettings } from './settings.js'
import { startTracing } from './start.js'

interface Post {
  readonly type: string | undefined
  readonly key: string | undefined
  readonly body: Buffer
}

/** The exporter itself would try for ten seconds. */
const BRIEFLY = { timeout: 5000 }

const servers: (() => void)[] = []
afterEach(() => servers.splice(0).forEach((close) => close()))

async function aCollector(status = 200): Promise<{ url: string; posts: Post[] }> {
  const posts: Post[] = []
  const server = createServer(async (request, response) => {
    const { 'content-type': type, 'x-key': key } = request.headers
    posts.push({ type, key: key as string | undefined, body: Buffer.concat(await request.toArray()) })
    response.writeHead(status).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, posts }
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
    tracing.request(anArrival()).end(200, DAY_MS + 1)
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
  const { url } = await aCollector(400)
  const lines: string[] = []
  const log = openLog({ app: 'test', level: 'warn', write: (line) => lines.push(line), nowMs: () => 0 })
  const tracing = await opened({ url: `${url}?key=hush` }, log)
  for (let i = 0; i < 3; i += 1) tracing.request(anArrival()).end(200, DAY_MS + 1)
  await tracing.stop()
  const [said, ...more] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(more, [])
  assert.deepEqual([said?.['spans'], said?.['to']], [3, url])
  assert.doesNotMatch(lines.join(''), /hush/)
})

test(
  'a collector that is away holds up no stop for long, and the log says what is lost',
  BRIEFLY,
  async () => {
    const lines: string[] = []
    const log = openLog({ app: 'test', level: 'warn', write: (line) => lines.push(line), nowMs: () => 0 })
    const tracing = await opened({ url: 'http://127.0.0.1:1/v1/traces' }, log)
    tracing.request(anArrival()).end(200, DAY_MS + 1)
    await tracing.stop()
    assert.match(lines.join(''), /spans .* lost/)
  },
)
