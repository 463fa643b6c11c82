// Promises of batches.events and steps.stream: every part once, whatever becomes of the connection.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BatchEvent, Cohort, CohortError } from './index.js'
import { json, type Line, problem, scripted, text } from './testing/scripted-server.js'

const batchId = 'b-00000000-0000-4000-8000-000000000001'
const part = (job: number): BatchEvent => ({
  type: 'results',
  job,
  of: 3,
  results: { agents: [job], step: [1], action: [[job]] },
  errors: [],
})
const end: BatchEvent = { type: 'end', batchId, status: 'completed' }
const frame = (event: BatchEvent) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
const framed = (...events: readonly BatchEvent[]) => `retry: 1000\n\n: hello\n\n${events.map(frame).join('')}`

/** The text in as many pieces; then the answer ends, or the connection is cut, or nothing more is said. */
const stream =
  (pieces: readonly string[], then: 'ends' | 'breaks' | 'is silent'): Line =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    for (const piece of pieces) response.write(piece)
    if (then === 'ends') response.end()
    if (then === 'breaks') response.write('', () => setImmediate(() => response.socket?.destroy()))
  }

async function read(events: AsyncIterable<BatchEvent>): Promise<BatchEvent[]> {
  const told: BatchEvent[] = []
  for await (const event of events) told.push(event)
  return told
}
const errorOf = async (events: AsyncIterable<BatchEvent>): Promise<CohortError> => {
  const error: unknown = await read(events).catch((reason: unknown) => reason)
  assert(error instanceof CohortError, `expected a CohortError, got ${JSON.stringify(error)}`)
  return error
}

test('a batch is told from its first part to its end, and not a byte is asked for before', async (t) => {
  const server = await scripted(t, stream([framed(part(1), part(0), part(2), end)], 'ends'))
  const events = new Cohort({ url: server.url }).batches.events(batchId)
  assert.equal(server.got.length, 0)
  assert.deepEqual(await read(events), [part(1), part(0), part(2), end])
  assert.equal(server.got[0]?.path, `/v1/batches/${batchId}/events`)
  assert.match(String(server.got[0]?.headers.accept), /^text\/event-stream/)
})

test('where the text is cut makes no difference, nor which line breaks it has', async (t) => {
  const whole = framed(
    part(0),
    { ...part(1), errors: [{ agent: 9, code: 'x', detail: 'näher – ∞' }] } as BatchEvent,
    end,
  )
  const bytes = Buffer.from(whole.replaceAll('\n', '\r\n'))
  const one: Line = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.socket?.setNoDelay(true)
    let at = 0
    const next = () => {
      if (at === bytes.length) response.end()
      else response.write(bytes.subarray(at, (at += 1)), () => setImmediate(next))
    }
    next()
  }
  const server = await scripted(t, stream([whole], 'ends'), one)
  const { batches } = new Cohort({ url: server.url })
  assert.deepEqual(await read(batches.events(batchId)), await read(batches.events(batchId)))
})

test('a stream that breaks is read again from the start, and what was told is not told again', async (t) => {
  const half = frame(part(2)).slice(0, 40)
  const server = await scripted(
    t,
    stream([framed(part(0), part(1)), half], 'breaks'),
    stream([framed(part(1), part(0))], 'ends'),
    stream([framed(part(1), part(0), part(2), end)], 'ends'),
  )
  const told = await read(new Cohort({ url: server.url }).batches.events(batchId))
  assert.deepEqual(told, [part(0), part(1), part(2), end])
  assert.equal(server.got.length, 3)
})

/** As a producer cuts a reader off: what was sent of an event, then why. */
const cut = (begun: string) =>
  `${begun}\nevent: cut\ndata: {"type":"cut","code":"reader_too_slow","detail":"not taken in time"}\n\n`

test('a reader that was too slow comes back, and what broke off is told whole', async (t) => {
  const server = await scripted(
    t,
    stream([framed(part(0)), cut(frame(part(1)).slice(0, 40))], 'ends'),
    stream([framed(part(0), part(1)), cut('')], 'ends'),
    stream([framed(part(0), part(1), part(2), end)], 'ends'),
  )
  const told = await read(new Cohort({ url: server.url }).batches.events(batchId))
  assert.deepEqual(told, [part(0), part(1), part(2), end])
  assert.equal(server.got.length, 3)
})

test('one that is too slow again and again is told so', async (t) => {
  const server = await scripted(t, stream([framed(part(0)), cut('')], 'ends'))
  const error = await errorOf(new Cohort({ url: server.url, retries: 0 }).batches.events(batchId))
  assert.equal(error.code, 'reader_too_slow')
  assert.match(error.message, new RegExp(`${batchId}.*not taken in time`))
})

test('it comes back as often as a call may without anything new, and no more', async (t) => {
  const server = await scripted(
    t,
    stream([framed(part(0))], 'ends'),
    stream([framed(part(0), part(1))], 'ends'),
    stream([framed(part(0), part(1))], 'ends'),
  )
  const error = await errorOf(new Cohort({ url: server.url, retries: 1 }).batches.events(batchId))
  assert.equal(error.code, 'answer_lost')
  assert.match(error.message, new RegExp(`events of batch ${batchId} broke off`))
  assert.equal(server.got.length, 3)
})

test('a producer that is full or stops is asked again; one that does not know the batch is believed', async (t) => {
  const server = await scripted(
    t,
    problem(429, 'too_many_streams', { 'retry-after': '0' }),
    problem(503, 'not_ready', { 'retry-after': '0' }),
    stream([framed(end)], 'ends'),
    problem(404, 'unknown_batch'),
  )
  const { batches } = new Cohort({ url: server.url })
  assert.deepEqual(await read(batches.events(batchId)), [end])
  assert.equal((await errorOf(batches.events(batchId))).code, 'unknown_batch')
  assert.equal(server.got.length, 4)
})

test('what is not a stream of a batch’s events is recognised', async (t) => {
  const odd = (data: string) => stream([`data: ${data}\n\n`], 'ends')
  const server = await scripted(
    t,
    text(200, '<h1>It works!</h1>'),
    odd('{"type":"results","job":0}'),
    odd('{'),
  )
  const { batches } = new Cohort({ url: server.url })
  for (const shows of [/<h1>It works/, /of is missing/, /not JSON/]) {
    const error = await errorOf(batches.events(batchId))
    assert.equal(error.code, 'answer_unknown')
    assert.match(error.message, shows)
  }
  assert.equal(server.got.length, 3)
})

test('a connection that says nothing any more is taken for broken', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const server = await scripted(t, stream([framed(part(0))], 'is silent'))
  const events = new Cohort({ url: server.url, retries: 0 }).batches.events(batchId)
  assert.deepEqual((await events.next()).value, part(0))
  let error: unknown
  void events.next().catch((reason: unknown) => (error = reason))
  while (error === undefined) {
    t.mock.timers.tick(45_000)
    await new Promise(setImmediate)
  }
  assert(error instanceof CohortError)
  assert.deepEqual([error.code, /nothing came for 45000 ms/.test(error.message)], ['answer_lost', true])
})

test('the caller’s signal ends it with the caller’s reason, and who breaks off closes the connection', async (t) => {
  const closed = Promise.withResolvers<void>()
  const open: Line = (response) => {
    response.on('close', () => closed.resolve())
    stream([framed(part(0))], 'is silent')(response)
  }
  const server = await scripted(t, stream([framed(part(0))], 'is silent'), open)
  const { batches } = new Cohort({ url: server.url })
  const stop = new AbortController()
  const events = batches.events(batchId, { signal: stop.signal })
  await events.next()
  const reason = new Error('enough')
  const rest = assert.rejects(events.next(), reason)
  stop.abort(reason)
  await rest
  for await (const event of batches.events(batchId)) {
    assert.deepEqual(event, part(0))
    break
  }
  await closed.promise
  assert.equal(server.got.length, 2)
})

test('steps.stream queues once, under a key, and tells the rest', async (t) => {
  const server = await scripted(
    t,
    problem(429, 'overloaded', { 'retry-after': '0' }),
    json(202, { batchId, status: 'queued' }),
    stream([framed(part(0), end)], 'ends'),
  )
  const request = { population: 'p', observations: [[0]] }
  assert.deepEqual(await read(new Cohort({ url: server.url }).steps.stream(request)), [part(0), end])
  assert.deepEqual(
    server.got.map(({ method, path }) => `${method} ${path}`),
    ['POST /v1/steps', 'POST /v1/steps', `GET /v1/batches/${batchId}/events`],
  )
  assert.equal(server.got[1]?.headers['idempotency-key'], server.got[0]?.headers['idempotency-key'])
  assert.equal((server.got[1]?.body as { waitMs?: number } | undefined)?.waitMs, 0)
})
