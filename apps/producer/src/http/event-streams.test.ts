// Promises of open streams: nothing piles up before a slow reader, and none outlives its reader or the process.
import assert from 'node:assert/strict'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import type { CohortError } from '@cohort/contracts'
import { fastify } from 'fastify'
import { EventStreams } from './event-streams.js'

const PIECE = 'x'.repeat(65_536)
const CUT = '\nevent: cut\ndata: too slow\n\n'

/** A server whose only answer never ends, a reader of it that reads nothing yet, and how much was made for it. */
async function endless(t: TestContext) {
  const streams = new EventStreams({ streams: 2, steps: 10 })
  const made = { pieces: 0, ended: false }
  async function* write(signal: AbortSignal): AsyncGenerator<string> {
    try {
      for (; !signal.aborted; made.pieces += 1) yield PIECE
    } finally {
      made.ended = true
    }
  }
  const app = fastify({ forceCloseConnections: true })
  app.get('/', (_request, reply) => streams.answer(reply, write, { cutText: CUT }))
  app.get('/waits', (_request, reply) => streams.answer(reply, endlessly))
  const url = await app.listen()
  t.after(() => app.close())
  const { port } = app.server.address() as AddressInfo
  const reader = connect(port, '127.0.0.1').pause()
  reader.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n')
  await turnsUntil(() => made.pieces > 0)
  return { streams, made, reader, url }
}

async function turnsUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate)
}

/** No more is made for so many turns of the event loop. */
async function untilStill(made: { readonly pieces: number }): Promise<void> {
  for (let still = 0, last = -1; still < 200; still = made.pieces === last ? still + 1 : 0) {
    last = made.pieces
    await new Promise(setImmediate)
  }
}

const closed = (reader: Socket) => once(reader.resume(), 'close')

/** The last of what a reader that comes back is told, until the stream ends. */
async function lastOf(reader: Socket): Promise<string> {
  let last = ''
  for await (const piece of reader) {
    last = (last + String(piece)).slice(-100)
    if (last.endsWith('0\r\n\r\n')) break
  }
  return last
}

test('a reader that does not read stops the writing; one that goes ends it', async (t) => {
  const { streams, made, reader } = await endless(t)
  await untilStill(made)
  assert.ok(made.pieces < 512, `${made.pieces} pieces of 64 KiB`)
  assert.deepEqual([streams.size, made.ended], [1, false])
  reader.destroy()
  await turnsUntil(() => made.ended)
  assert.equal(streams.size, 0)
})

test('a reader that takes nothing for a minute is told so where it comes back, and else cut off', async (t) => {
  for (const comesBack of [true, false]) {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { streams, made, reader } = await endless(t)
    await untilStill(made)
    t.mock.timers.tick(59_000)
    await untilStill(made)
    assert.equal(made.ended, false)
    t.mock.timers.tick(1_000)
    await turnsUntil(() => made.ended)
    assert.equal(streams.size, 1)
    if (comesBack)
      assert.match(await lastOf(reader), /x\r\n1c\r\n\nevent: cut\ndata: too slow\n\n\r\n0\r\n\r\n$/)
    else {
      t.mock.timers.tick(30_000)
      await turnsUntil(() => streams.size === 0)
      await closed(reader)
    }
    t.mock.timers.reset()
  }
})

test('a reader that holds a piece for ten seconds is cut off where others need the memory', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { streams, made, reader, url } = await endless(t)
  const waits = await fetch(`${url}/waits`)
  await waits.body?.getReader().read()
  await untilStill(made)
  t.mock.timers.tick(9_000)
  streams.cutSlow()
  await untilStill(made)
  assert.equal(made.ended, false)
  t.mock.timers.tick(1_000)
  streams.cutSlow()
  await turnsUntil(() => made.ended)
  assert.match(await lastOf(reader), /event: cut\n/)
  // The other one has taken what there was, and goes on.
  await turnsUntil(() => streams.size === 1)
})

test('when the process stops, who reads hears the end, and who does not is not waited for', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { streams, made, reader } = await endless(t)
  await untilStill(made)
  streams.end()
  t.mock.timers.tick(500)
  await turnsUntil(() => made.ended && streams.size === 0)
  await closed(reader)
  const late = await endlessAfter(streams, t)
  assert.equal(late, '')
})

test('batches of open streams have a bounded number of steps; one that is larger is told alone', async (t) => {
  const streams = new EventStreams({ streams: 10, steps: 10 })
  const app = fastify({ forceCloseConnections: true })
  app.setErrorHandler<CohortError>((error, _request, reply) => reply.code(error.status).send(error.code))
  app.get<{ Params: { steps: string } }>('/:steps', ({ params }, reply) => {
    streams.answer(reply, endlessly, { steps: Number(params.steps) })
  })
  const url = await app.listen()
  t.after(() => app.close())
  const open = async (steps: number) => {
    const reader = new AbortController()
    const { status } = await fetch(`${url}/${steps}`, { signal: reader.signal })
    return { status, leave: () => reader.abort() }
  }
  const [alone, beside] = [await open(25), await open(1)]
  assert.deepEqual([alone.status, beside.status], [200, 429])
  alone.leave()
  await turnsUntil(() => streams.size === 0)
  const statuses: number[] = []
  for (const steps of [6, 4, 0, 1]) statuses.push((await open(steps)).status)
  assert.deepEqual(statuses, [200, 200, 200, 429])
})

async function* endlessly(signal: AbortSignal): AsyncGenerator<string> {
  yield PIECE
  await once(signal, 'abort')
}

/** What a stream that is opened after the end says. */
async function endlessAfter(streams: EventStreams, t: TestContext): Promise<string> {
  const app = fastify({ forceCloseConnections: true })
  app.get('/', (_request, reply) =>
    streams.answer(reply, async function* (signal) {
      if (!signal.aborted) yield PIECE
    }),
  )
  t.after(() => app.close())
  return (await fetch(await app.listen())).text()
}
