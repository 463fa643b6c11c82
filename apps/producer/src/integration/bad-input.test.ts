// Promises to whoever sends nonsense: a problem with the path of the fault, and nothing has changed.
import assert from 'node:assert/strict'
import { connect as connectTcp } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Model } from '@cohort/contracts'
import { aModel, call, makePopulation, putModel, type ProblemBody, type Reply } from './calls.js'
import { startSystem } from './support.js'

const { server, producer } = await startSystem({
  COHORT_MAX_BODY_BYTES: '20000',
  COHORT_MAX_REQUEST_STEPS: '500',
  COHORT_MAX_RESULT_BYTES: '20000',
  COHORT_MAX_WAITING_STEPS: '600',
  COHORT_MAX_POPULATION_AGENTS: '1000',
  COHORT_MAX_POLICIES: '100',
  COHORT_MAX_MODALITIES: '3',
})
const modelId = await putModel(producer.url)
await makePopulation(producer.url, 'p', 600)

/** All that Redis holds but the clock: keys, and the steps of every agent. */
async function held(): Promise<string> {
  const keys = (await server.redis.keys('*')).sort()
  const { body } = await call('GET', `${producer.url}/v1/populations/p`)
  return JSON.stringify([keys, body])
}

/** What is sent, how, the answer's status and code, and the paths of its faults; `*`: any. */
type Refusal = readonly [
  what: string,
  send: () => Promise<Reply<ProblemBody>>,
  answer: string,
  ...paths: string[],
]

const put = (model: unknown) => () => call<ProblemBody>('PUT', `${producer.url}/v1/models`, model)
const create = (body: object) => () =>
  call<ProblemBody>('POST', `${producer.url}/v1/populations`, { modelId, ...body })
const get = (path: string) => () => call<ProblemBody>('GET', `${producer.url}${path}`)
const steps =
  (body: unknown, headers: Record<string, string> = {}) =>
  () =>
    call<ProblemBody>('POST', `${producer.url}/v1/steps`, body, headers)
const two = { population: 'p', agents: [0, 1], observations: [[0, 1]] }
const zeros = (length: number): number[] => Array.from({ length }, () => 0)
const all = { population: 'p', agents: { from: 0, count: 500 }, observations: [zeros(500)] }
const seeing = (observations: unknown, agents: unknown = two.agents) =>
  steps({ ...two, agents, observations })
const spoilt = (change: Partial<Record<keyof Model, unknown>>) => put({ ...aModel(), ...change })

// A table is read row by row.
// oxfmt-ignore
const refusals: readonly Refusal[] = [
  ['malformed JSON', steps('{"population":"p",}'), '400 malformed_json', ''],
  ['NaN in JSON', steps('{"observations":[[NaN]]}'), '400 malformed_json', ''],
  ['an empty body', steps(''), '400 malformed_json', ''],
  ['no body', steps(undefined), '400 invalid_request', ''],
  ['an unknown field', steps({ ...two, priority: 1 }), '400 invalid_request', 'priority'],
  ['a missing field', steps({ population: 'p' }), '400 invalid_request', 'observations'],
  ['a wait that is too long', steps({ ...two, waitMs: 30_001 }), '400 invalid_request', 'waitMs'],
  ['an unknown column', steps({ ...two, return: ['mood'] }), '400 invalid_request', 'return[0]'],
  ['an empty key', steps(two, { 'idempotency-key': '' }), '400 invalid_request', 'Idempotency-Key'],
  ['an index out of range', steps({ ...two, agents: [0, 600] }), '400 agent_out_of_range', 'agents[1]'],
  ['a range out of range', seeing([[0, 1]], { from: 599, count: 2 }), '400 agent_out_of_range', 'agents'],
  ['an agent twice', steps({ ...two, agents: [7, 7] }), '400 agent_twice', 'agents[1]'],
  ['a fractional index', steps({ ...two, agents: [0.5, 1] }), '400 invalid_request', 'agents[0]'],
  ['a negative index', steps({ ...two, agents: [-1, 1] }), '400 invalid_request', 'agents[0]'],
  ['an outcome that is none', seeing([[0, 2]]), '400 observation_out_of_range', 'observations[0][1]'],
  ['a word for an outcome', seeing([['left', 1]]), '400 invalid_request', 'observations[0][0]'],
  ['too few observations', seeing([[0]]), '400 invalid_request', 'observations[0]'],
  ['a modality too many', seeing([[0, 1], [0, 1]]), '400 invalid_request', 'observations'],
  ['an unknown population', steps({ ...two, population: 'q' }), '404 unknown_population'],
  ['too many steps', seeing([zeros(501)], { from: 0, count: 501 }), '413 too_many_steps', 'observations[0]'],
  ['results that are too large', steps({ ...all, return: ['beliefs'] }), '413 too_many_steps', 'return'],
  ['agents that are not observed', seeing([[0]], [1, 2]), '400 invalid_request', 'observations[0]'],
  ['a body over the limit', seeing([zeros(11_000)]), '413 body_too_large', '*'],
  ['another content type', steps('x=1', { 'content-type': 'text/csv' }), '415 unsupported_media_type'],
  ['a column that sums to less', spoilt({ A: [[[0.9, 0.1], [0, 0.9]]] }), '422 invalid_model', 'A[0][:,0]'],
  ['a negative probability', spoilt({ A: [[[1.5, 0.1], [-0.5, 0.9]]] }), '422 invalid_model', 'A[0][1,0]'],
  ['a NaN, in JSON null', spoilt({ A: [[[Number.NaN, 0.1], [1, 0.9]]] }), '422 invalid_model', 'A[0][0,0]'],
  ['a wrong shape', spoilt({ D: [[0.5, 0.25, 0.25]] }), '422 invalid_model', 'D[0]'],
  ['an empty policy set', spoilt({ options: { policyLen: 0 } }), '400 invalid_request', 'options.policyLen'],
  ['an unknown option', spoilt({ options: { mood: 1 } }), '400 invalid_request', 'options.mood'],
  ['too many policies', spoilt({ options: { policyLen: 7 } }), '413 model_too_large', '*'],
  ['agents of no model', create({ id: 'q', count: 5, modelId: 'f'.repeat(64) }), '404 unknown_model'],
  ['too many agents', create({ id: 'q', count: 1001 }), '413 population_too_large', 'count'],
  ['no agents', create({ id: 'q', count: 0 }), '400 invalid_request', 'count'],
  ['a colon in an id', create({ id: 'q:1', count: 5 }), '400 invalid_request', 'id'],
  ['another population under an id', create({ id: 'p', count: 601 }), '409 population_exists'],
  ['an unknown model', get(`/v1/models/${'f'.repeat(64)}`), '404 unknown_model'],
  ['no population', get('/v1/populations/q'), '404 unknown_population'],
  ['an agent past the end', get('/v1/agents/p:600'), '404 unknown_agent'],
  ['an agent by another name', get('/v1/agents/p:00'), '404 unknown_agent'],
  ['an agent without index', get('/v1/agents/p'), '404 unknown_agent'],
  ['an unknown batch', get('/v1/batches/b-00000000-0000-0000-0000-000000000000'), '404 unknown_batch'],
  ['an unknown path', get('/v1/mood'), '404 unknown_route'],
  ['an endless path', get(`/v1/models/${'f'.repeat(2000)}`), '404 unknown_route'],
  ['a broken escape', get('/v1/models/%zz'), '400 invalid_request'],
]

for (const [what, send, answer, ...paths] of refusals) {
  test(`${what}: ${answer} ${paths.join(', ')}`, async () => {
    const was = await held()
    const { status, type, body } = await send()
    const found = (body.errors ?? []).map(({ path }) => path)
    assert.deepEqual(
      [`${status} ${body.code}`, found],
      [answer, paths[0] === '*' ? found : paths],
      JSON.stringify(body),
    )
    assert.match(type, /^application\/problem\+json/)
    assert.equal(body.status, status)
    assert.equal(await held(), was)
  })
}

test('a method that a path does not take is told those that it takes', async () => {
  const { status, headers, body } = await call<ProblemBody>('PUT', `${producer.url}/v1/populations/p`)
  assert.deepEqual([status, body.code, headers.get('allow')], [405, 'method_not_allowed', 'GET, DELETE'])
})

test('a type of content without a body is no fault where none is asked for', async () => {
  const headers = { 'content-type': 'application/json' }
  await makePopulation(producer.url, 'short', 1)
  const url = `${producer.url}/v1/populations/short`
  assert.equal((await call('GET', url, undefined, headers)).status, 200)
  assert.equal((await call('DELETE', url, undefined, headers)).status, 204)
})

test('what is refused says what to send instead', async () => {
  const details = [
    [get('/v1/agents/p'), 'an agent’s id is population:index, e.g. p:0'],
    [steps('x=1', { 'content-type': 'text/csv' }), 'the content type is text/csv: send application/json'],
    [steps({ ...two, agents: [0, 1, 2] }), 'observations[0] has 2 entries, expected 3, one for each agent'],
    [
      steps({ population: 'p', observation: [[0]] }),
      'observation is an unknown field, expected observations; and 1 more',
    ],
  ] as const
  for (const [send, detail] of details) assert.equal((await send()).body.detail, detail)
})

test('with too many steps waiting, others are refused and told when to come back', async () => {
  const first = (count: number) => ({
    population: 'p',
    agents: { from: 0, count },
    observations: [zeros(count)],
  })
  // A request that finds its batch by its key keeps no place of its own.
  for (let i = 0; i < 3; i += 1)
    assert.equal((await steps(first(100), { 'idempotency-key': 'k' })()).status, 202)
  assert.equal((await steps(first(400))()).status, 202)
  const refused = await steps(first(201))()
  assert.deepEqual(
    [refused.status, refused.body.code, refused.headers.get('retry-after')],
    [429, 'overloaded', '1'],
  )
  assert.equal((await steps(first(100))()).status, 202)
})

test('what is not HTTP is told so, as a problem', async () => {
  const { hostname, port } = new URL(producer.url)
  const socket = connectTcp(Number(port), hostname)
  socket.end('nonsense\r\n\r\n')
  let said = ''
  socket.on('data', (chunk) => (said += chunk.toString()))
  await once(socket, 'close')
  assert.match(
    said,
    /^HTTP\/1.1 400 Bad Request\r\n[^]*application\/problem\+json[^]*"code":"invalid_request"/,
  )
})
