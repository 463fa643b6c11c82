// Promise of streams that nobody reads: what is held for them is bounded in bytes, and they keep nobody from his turn.
import assert from 'node:assert/strict'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { fastify } from 'fastify'
import { Turns } from '../batches/turns.js'
import { EventStreams } from './event-streams.js'

/** More than a connection takes by itself. */
const TEXT_BYTES = 16 * 2 ** 20
/** With one held there is room for another one. */
const ROOM_BYTES = TEXT_BYTES + 1
const BEGIN = ': begins\n\n'
const CUT = '\nevent: cut\n\n'

/** A server that has one large text for each reader, made in turns as those of batches are. */
async function large(t: TestContext) {
  const streams = new EventStreams({ streams: 100, steps: 1 })
  const turns = new Turns({ bytes: ROOM_BYTES, ask: () => streams.cutSlow() })
  async function* write(signal: AbortSignal): AsyncGenerator<string | Uint8Array> {
    yield BEGIN
    const made = await turns.take(async () => {
      const text = Buffer.alloc(TEXT_BYTES, 'x')
      return { text, letGo: turns.hold(text.length) }
    }, signal)
    try {
      if (made !== undefined) yield made.text
    } finally {
      made?.letGo()
    }
  }
  const app = fastify({ forceCloseConnections: true })
  app.get('/', (_request, reply) => streams.answer(reply, write, { cutText: CUT }))
  await app.listen()
  t.after(() => app.close())
  const { port } = app.server.address() as AddressInfo
  return { streams, turns, port }
}

async function unread(port: number): Promise<Socket> {
  const reader = connect(port, '127.0.0.1').pause()
  reader.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n')
  // Its beginning has come, and it takes no more.
  await new Promise((resolve) => reader.once('readable', resolve))
  return reader
}

async function turnsUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate)
}

test('what unread streams hold is bounded in bytes, and whoever waits comes to his turn', async (t) => {
  const { streams, turns, port } = await large(t)
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const readers: Socket[] = []
  for (let i = 0; i < 6; i++) readers.push(await unread(port))
  const state = () => ({ waiting: turns.waiting, held: turns.heldBytes })
  await turnsUntil(() => turns.heldBytes === 2 * TEXT_BYTES)
  for (let turn = 0; turn < 500; turn++) await new Promise(setImmediate)
  assert.deepEqual(state(), { waiting: 4, held: 2 * TEXT_BYTES })
  const whole = fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text())
  await turnsUntil(() => streams.size === 7 && turns.waiting === 5)
  let most = 0
  for (let seconds = 0; turns.waiting > 0; seconds++) {
    assert.ok(seconds < 60, 'who waits does not come to his turn')
    t.mock.timers.tick(1000)
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
    most = Math.max(most, turns.heldBytes)
    // Cut in the first ten seconds, and back in time; what it had not been sent is not kept for it.
    if (seconds === 12) {
      const { bytes, last } = await restOf(readers[0])
      assert.match(last, /x\r\n[0-9a-f]+\r\n\nevent: cut\n\n\r\n0\r\n\r\n$/)
      assert.ok(bytes < TEXT_BYTES, `${bytes} bytes`)
    }
  }
  // Two may be made while there is room for one byte more.
  assert.ok(most < ROOM_BYTES + 2 * TEXT_BYTES, `${most} bytes were held`)
  assert.equal((await whole).length, BEGIN.length + TEXT_BYTES)
  for (const reader of readers) reader.destroy()
  await turnsUntil(() => streams.size === 0)
  assert.deepEqual(state(), { waiting: 0, held: 0 })
})

async function restOf(reader: Socket | undefined): Promise<{ bytes: number; last: string }> {
  let [bytes, last] = [0, '']
  for await (const piece of reader ?? []) {
    bytes += (piece as Buffer).length
    last = (last + String(piece)).slice(-100)
    if (last.endsWith('0\r\n\r\n')) break
  }
  return { bytes, last }
}
