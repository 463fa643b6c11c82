// Promises of turns: a few at once, none while too much is held for readers, and who has gone is not waited for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from './turns.js'

const soon = () => new Promise(setImmediate)
const present = new AbortController().signal

test('a text is made while less is held than there is room for; one that is let go makes room', async () => {
  const turns = new Turns({ bytes: 10, ask: () => {} })
  const make = (bytes: number) => turns.take(() => Promise.resolve(turns.hold(bytes)), present)
  const first = await make(25)
  assert.equal(turns.heldBytes, 25)
  const others = [4, 4, 4, 4, 4].map(make)
  await soon()
  assert.deepEqual([turns.waiting, turns.heldBytes], [5, 25])
  first?.()
  const letGo = await Promise.all(others.slice(0, 4))
  await soon()
  // Less than 10 was held when the last two turns began.
  assert.deepEqual([turns.waiting, turns.heldBytes], [1, 16])
  letGo[0]?.()
  await soon()
  assert.deepEqual([turns.waiting, turns.heldBytes], [1, 12])
  letGo[1]?.()
  await others[4]
  assert.deepEqual([turns.waiting, turns.heldBytes], [0, 12])
})

test('room is asked for each second while somebody waits for it, and no longer', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let asked = 0
  const turns = new Turns({ bytes: 1, ask: () => (asked += 1) })
  const letGo = await turns.take(() => Promise.resolve(turns.hold(1)), present)
  t.mock.timers.tick(5000)
  assert.equal(asked, 0)
  const next = turns.take(() => Promise.resolve('made'), present)
  t.mock.timers.tick(5000)
  assert.equal(asked, 5)
  letGo?.()
  assert.equal(await next, 'made')
  t.mock.timers.tick(5000)
  assert.equal(asked, 5)
})

test('who goes before its turn leaves it to the next, and is not kept', async () => {
  const turns = new Turns({ bytes: 1, ask: () => {} })
  const letGo = await turns.take(() => Promise.resolve(turns.hold(1)), present)
  const leaving = new AbortController()
  const gone = turns.take(() => Promise.resolve('made'), leaving.signal)
  const next = turns.take(() => Promise.resolve('made'), present)
  leaving.abort()
  assert.equal(await gone, undefined)
  assert.equal(turns.waiting, 1)
  letGo?.()
  assert.equal(await next, 'made')
  assert.equal(await turns.take(() => Promise.resolve('made'), AbortSignal.abort()), undefined)
})
