// Promises of the settings: standard names, off without an endpoint, and faults that name their variable and no secret.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, readEnvironment } from '@cohort/contracts'
import { readTracing } from './settings.js'

const read = (env: Record<string, string>) =>
  readEnvironment(env, (from) => ({ tracing: readTracing(from) })).tracing
const BASE = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

function faultsOf(env: Record<string, string>) {
  try {
    read({ ...BASE, ...env })
  } catch (error) {
    if (error instanceof CohortError) return error.errors
    throw error
  }
  return []
}

test('nothing is traced without an endpoint, or where it is switched off, whatever else is set', () => {
  assert.equal(read({}), undefined)
  assert.equal(read({ OTEL_TRACES_SAMPLER: 'nonsense', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }), undefined)
  assert.equal(read({ ...BASE, OTEL_SDK_DISABLED: 'true' }), undefined)
})

test('the path of traces is added to the endpoint of all signals, and to no other', () => {
  assert.equal(read(BASE)?.url, 'http://collector:4318/v1/traces')
  assert.equal(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c/otlp/' })?.url, 'https://c/otlp/v1/traces')
  const own = { ...BASE, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other/in?key=1' }
  assert.equal(read(own)?.url, 'http://other/in?key=1')
})

test('by default all is recorded that the caller’s trace records, and sent as protobuf', () => {
  const { url: _, ...defaults } = read(BASE) ?? assert.fail()
  assert.deepEqual(defaults, {
    protocol: 'http/protobuf',
    headers: {},
    sampler: 'parentbased_always_on',
    ratio: 1,
    serviceName: undefined,
    resource: {},
    sendEveryMs: 1000,
    mostWaiting: 8192,
  })
})

test('lists of pairs are taken apart and decoded; those of traces win', () => {
  const settings = read({
    ...BASE,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a%3D, x-team = blue',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-team=green',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_SERVICE_NAME: 'mine',
  })
  assert.deepEqual(settings?.headers, { authorization: 'Bearer a=', 'x-team': 'green' })
  assert.deepEqual(settings?.resource, { 'deployment.environment.name': 'test' })
  assert.equal(settings?.serviceName, 'mine')
})

test('what does not fit is a fault that names its variable', () => {
  const faults = faultsOf({
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_SAMPLER: 'jaeger_remote',
    OTEL_TRACES_SAMPLER_ARG: '1.5',
    OTEL_BSP_SCHEDULE_DELAY: 'soon',
    OTEL_EXPORTER_OTLP_HEADERS: 'secret',
    OTEL_RESOURCE_ATTRIBUTES: 'a=%zz',
  })
  assert.deepEqual(faults.map(({ path }) => path).sort(), [
    'OTEL_BSP_SCHEDULE_DELAY',
    'OTEL_EXPORTER_OTLP_HEADERS',
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'OTEL_RESOURCE_ATTRIBUTES',
    'OTEL_TRACES_SAMPLER',
    'OTEL_TRACES_SAMPLER_ARG',
  ])
  assert.match(faults.find(({ got }) => got === 'grpc')?.message ?? '', /http\/protobuf.* port 4318/)
})

test('a header that HTTP does not carry is a fault, and so is a user that is not percent-encoded', () => {
  const name = 'OTEL_EXPORTER_OTLP_HEADERS'
  for (const value of ['authorization=hush%0Ax', 'authorization=hush%00', 'a=%E2%82%AC', 'a b=hush']) {
    const faults = faultsOf({ [name]: value })
    assert.deepEqual(
      faults.map(({ path }) => path),
      [name],
      value,
    )
    assert.doesNotMatch(JSON.stringify(faults), /hush/)
  }
  const fit = { ...BASE, [name]: "!#$%&'*+.^_`|~0aZ-=%20%7E%C3%BF%09x" }
  assert.deepEqual(read(fit)?.headers, { "!#$%&'*+.^_`|~0aZ-": ' ~ÿ\tx' })
  // An attribute of the process is no header: it may be any text.
  assert.deepEqual(read({ ...BASE, OTEL_RESOURCE_ATTRIBUTES: 'a=%E2%82%AC%0A' })?.resource, { a: '€\n' })
  const user = faultsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u%zz:hush@c' })
  assert.deepEqual(
    user.map(({ path }) => path),
    ['OTEL_EXPORTER_OTLP_ENDPOINT'],
  )
  assert.doesNotMatch(JSON.stringify(user), /hush/)
})

test('a fault echoes neither an endpoint nor a header, which may hold a password', () => {
  const faults = faultsOf({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'ftp://me:hush@c',
    OTEL_EXPORTER_OTLP_HEADERS: 'hush',
  })
  assert.deepEqual(
    faults.map(({ path }) => path),
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
  )
  const headers = faultsOf({ OTEL_EXPORTER_OTLP_HEADERS: 'hush' })
  assert.doesNotMatch(JSON.stringify([faults, headers]), /hush/)
})
