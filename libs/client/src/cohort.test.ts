// Promises of the client as a whole: clear errors, bounded retries, the caller's signal obeyed.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Cohort, CohortError } from './index.js'
import { json, problem, scripted, silent, text } from './testing/scripted-server.js'

const population = { populationId: 'p', modelId: '0'.repeat(64), count: 3, blocks: 1, state: 'ready' }
const whole = { ...population, seed: 0, steps: { total: 0, min: 0, max: 0 } }

/** What the promise rejects with. */
async function errorOf(promise: Promise<unknown>): Promise<CohortError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert(error instanceof CohortError, `expected a CohortError, got ${String(error)}`)
  return error
}

test('a refused connection names the address that refused, and says what to do', async () => {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise((closed) => server.close(closed))
  const said = async (options: { url: string; retries: number }) => {
    const { code, message } = await errorOf(new Cohort(options).ready())
    assert.equal(code, 'unreachable')
    return message
  }
  const start = 'start one in the folder of Cohort, by `npm run -s cohort -- up`, or mend the url.'
  const once = await said({ url, retries: 0 })
  assert.equal(
    once,
    `GET ${url}/readyz: no connection (ECONNREFUSED). No producer answers at ${url}: ${start}`,
  )
  assert.match(await said({ url, retries: 1 }), /\(ECONNREFUSED\), tried 2 times\. No producer answers at/)
  const away = await said({ url: 'http://cohort.invalid:3000', retries: 0 })
  assert.match(away, /No producer answers at http:\/\/cohort\.invalid:3000: see whether one runs there/)
})

test('an address that is none is refused before anything is sent', () => {
  for (const url of ['localhost:3000', 'ftp://x', '']) {
    assert.throws(
      () => new Cohort({ url }),
      (error) => error instanceof CohortError && error.errors[0]?.path === 'url',
    )
  }
})

test('fetch is called as a function: a browser’s refuses to be a method of something else', async (t) => {
  const server = await scripted(t, json(200, {}))
  const callers: unknown[] = []
  function asInBrowsers(this: unknown, input: string | URL | Request, init?: RequestInit): Promise<Response> {
    callers.push(this)
    return fetch(input, init)
  }
  await new Cohort({ url: server.url, fetch: asInBrowsers }).ready()
  assert.deepEqual(callers, [undefined])
})

test('a prefix of the address is kept', async (t) => {
  const server = await scripted(t, json(200, whole))
  await new Cohort({ url: `${server.url}/cohort/?x=1` }).populations.get('a b')
  assert.equal(server.got[0]?.path, '/cohort/v1/populations/a%20b')
})

test('a problem arrives with its code, its faults and its Retry-After', async (t) => {
  const faults = [{ path: 'B[0][:,3,1]', message: 'sums to 0.98', got: 0.98, expected: '1 ± 1e-6' }]
  const body = {
    status: 422,
    code: 'invalid_model',
    detail: 'no',
    errors: [...faults, { nonsense: 1 }, null],
  }
  const server = await scripted(t, json(422, body, { 'retry-after': '7' }))
  const error = await errorOf(new Cohort({ url: server.url }).models.put({ A: [], B: [] }))
  assert.deepEqual(
    [error.code, error.message, error.errors, error.retryAfterMs],
    ['invalid_model', 'no: B[0][:,3,1] sums to 0.98, expected 1 ± 1e-6', faults, 7000],
  )
  assert.equal(server.got.length, 1)
})

test('a message tells the first two faults, none of them twice', async (t) => {
  const faults = ['a', 'b', 'c'].map((path) => ({ path, message: 'is odd' }))
  const answer = (detail: string) => json(400, { code: 'invalid_request', detail, errors: faults })
  const server = await scripted(
    t,
    answer('a: is odd, and 2 more'),
    answer('a is odd, and 2 more'),
    answer('No.'),
  )
  const cohort = new Cohort({ url: server.url })
  const said = 'a is odd; b is odd; and 1 more'
  for (const message of [said, said, `No: ${said}`]) {
    assert.equal((await errorOf(cohort.ready())).message, message)
  }
})

test('an address alone is answered with how to pass it', () => {
  const args: unknown[] = ['http://127.0.0.1:3000']
  assert.throws(
    () => Reflect.construct(Cohort, args),
    (error) => error instanceof CohortError && error.message === "pass { url: 'http://127.0.0.1:3000' }",
  )
})

test('a code of a newer producer is told with its status', async (t) => {
  const server = await scripted(t, problem(418, 'teapot'))
  const error = await errorOf(new Cohort({ url: server.url }).ready())
  assert.equal(error.code, 'answer_unknown')
  assert.match(error.message, /418 and the unknown code teapot: it is teapot/)
})

test('an unknown code of an overloaded or restarting server is tried again', async (t) => {
  const server = await scripted(t, problem(503, 'draining'), json(200, {}))
  await new Cohort({ url: server.url }).ready()
  assert.equal(server.got.length, 2)
})

test('what is not a producer is recognised by its answers', async (t) => {
  const server = await scripted(
    t,
    text(200, '<h1>It works!</h1>'),
    json(200, { hello: 1 }),
    text(404, 'no'),
    json(200, null),
  )
  const { populations } = new Cohort({ url: server.url })
  for (const shows of [
    /200, but not as a producer does: <h1>It works/,
    /populationId is missing/,
    /404: no/,
    /answered with 200/,
  ]) {
    const error = await errorOf(populations.get('p'))
    assert.equal(error.code, 'answer_unknown')
    assert.match(error.message, shows)
  }
})

test('a pause that is too long is not waited for', async (t) => {
  const server = await scripted(t, problem(429, 'overloaded', { 'retry-after': '3600' }))
  const error = await errorOf(new Cohort({ url: server.url }).ready())
  assert.deepEqual([error.code, error.retryAfterMs, server.got.length], ['overloaded', 3_600_000, 1])
})

test('a server that says nothing counts as unreachable after the time limit', async (t) => {
  const server = await scripted(t, silent)
  const error = await errorOf(new Cohort({ url: server.url, timeoutMs: 20, retries: 1 }).ready())
  assert.deepEqual([error.code, server.got.length], ['unreachable', 2])
  assert.match(error.message, /not answered within 20 ms/)
})

test('the caller’s signal ends a call, its pause and its polling, with the caller’s reason', async (t) => {
  const reason = new Error('enough')
  const signal = AbortSignal.abort(reason)
  const server = await scripted(t, silent, problem(503, 'not_ready', { 'retry-after': '20' }))
  const cohort = new Cohort({ url: server.url })
  await assert.rejects(cohort.ready({ signal }), reason)
  assert.equal(server.got.length, 0)
  for (const calls of [1, 2]) {
    const stop = new AbortController()
    const call = assert.rejects(cohort.ready({ signal: stop.signal }), reason)
    while (server.got.length < calls) await new Promise(setImmediate)
    stop.abort(reason)
    await call
  }
})

test('a population without an id gets one, the same at the retry', async (t) => {
  const server = await scripted(
    t,
    problem(503, 'redis_unavailable', { 'retry-after': '0' }),
    json(201, population),
  )
  await new Cohort({ url: server.url }).populations.create({ modelId: population.modelId, count: 3 })
  const ids = server.got.map(({ body }) => (body as { id: string }).id)
  assert.match(String(ids[0]), /^p-[0-9a-f-]{36}$/)
  assert.equal(ids[1], ids[0])
})

test('waitUntilReady waits for the end of creation, and not for a population that goes', async (t) => {
  const server = await scripted(
    t,
    json(200, { ...whole, state: 'creating' }),
    json(200, whole),
    json(200, { ...whole, state: 'deleting' }),
  )
  const { populations } = new Cohort({ url: server.url })
  assert.equal((await populations.waitUntilReady('p')).state, 'ready')
  assert.equal((await errorOf(populations.waitUntilReady('p'))).code, 'population_deleting')
})

test('a deletion whose answer was lost is done when the retry finds nothing', async (t) => {
  const gone = problem(404, 'unknown_population')
  const server = await scripted(t, problem(503, 'redis_unavailable', { 'retry-after': '0' }), gone)
  const { populations } = new Cohort({ url: server.url })
  await populations.delete('p')
  assert.equal((await errorOf(populations.delete('p'))).code, 'unknown_population')
})
