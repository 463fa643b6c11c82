// What the doctor says of telemetry: whether spans would arrive is tried with real HTTP servers.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Environment } from '@cohort/contracts'
import { readSettings } from './settings.js'
import { noTelemetry, sendNothing, telemetryChecks } from './telemetry.js'

/** A collector that answers `status`, and the requests that it got. */
async function collector(t: TestContext, status: number) {
  const requests: (Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { body: string })[] = []
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request
    const body = Buffer.concat(await request.toArray()).toString()
    requests.push({ method, url, headers, body })
    response.writeHead(status).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { port: (server.address() as AddressInfo).port, requests }
}

/** Status and words of the check of traces. */
async function traces(env: Environment): Promise<string> {
  const { tracing, set } = readSettings(env)
  const [check] =
    tracing === undefined ? noTelemetry(set) : telemetryChecks(tracing, await sendNothing(tracing))
  return [check?.status, check?.found, check?.why, check?.mend].join(' | ')
}

test('no endpoint: off, and how to turn it on', async () => {
  assert.match(await traces({}), /^off \| off \| no OTEL_EXPORTER_OTLP_ENDPOINT is set \| Set OTEL/)
  const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h', OTEL_SDK_DISABLED: 'true' }
  assert.match(await traces(disabled), /^off \| off \| OTEL_SDK_DISABLED is true/)
})

test('a collector gets an export of no spans, with the headers that spans would have', async (t) => {
  const { port, requests } = await collector(t, 200)
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:pw@127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret',
  }
  const said = await traces(env)
  assert.match(
    said,
    new RegExp(`^ok \\| http://127\\.0\\.0\\.1:${port}/v1/traces, by http/protobuf: answers 200`),
  )
  assert.doesNotMatch(said, /pw|secret/)
  await traces({ ...env, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' })
  const seen = requests.map(({ method, url, headers, body }) => [method, url, headers['content-type'], body])
  assert.deepEqual(seen, [
    ['POST', '/v1/traces', 'application/x-protobuf', ''],
    ['POST', '/v1/traces', 'application/json', '{"resourceSpans":[]}'],
  ])
  const { authorization, 'x-key': key } = requests[0]?.headers ?? {}
  assert.deepEqual([authorization, key], ['Basic dXNlcjpwdw==', 'secret'])
})

test('one that refuses, one that has no such path, nobody at all: noted, with what to do', async (t) => {
  const at = (port: number) => traces({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` })
  assert.match(await at((await collector(t, 401)).port), /^note .* answers 401 .* OTEL_EXPORTER_OTLP_HEADERS/)
  assert.match(await at((await collector(t, 404)).port), /^note .* answers 404 .* port 4318/)
  assert.match(
    await at(1),
    /^note .* not reached \(.+\) \| spans that do not arrive are dropped; steps go on/,
  )
})

test('what cannot be sent at all is noted without a word of it, which may be a secret', async () => {
  const { tracing } = readSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })
  assert.ok(tracing)
  for (const change of [
    { headers: { authorization: 'hunter2\nx' } },
    { headers: { 'hunter2 x': '' } },
    { url: 'http://u%zz:hunter2@127.0.0.1:4318/v1/traces' },
  ]) {
    const sent = await sendNothing({ ...tracing, ...change })
    assert.match('reason' in sent ? sent.reason : '', /^it cannot be sent: \w*Error$/)
  }
})

test('the sampler is named with its ratio', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h' }
  const sampler = (env: Environment) => {
    const { tracing } = readSettings({ ...endpoint, ...env })
    return tracing && telemetryChecks(tracing, { status: 200 })[1]?.found
  }
  assert.equal(sampler({}), 'parentbased_always_on')
  const ratio = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' }
  assert.equal(sampler(ratio), 'traceidratio, 1.0 % of the traces')
})
