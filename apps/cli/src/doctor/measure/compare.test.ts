// How pinned and unpinned are compared: by pairs, in changing order; what slows both for a while decides nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare } from './compare.js'

/** Two ways over a clock of their own: a round takes what `costs` says of its number, and is written down. */
function racers(costs: (name: 'first' | 'second', round: number) => number) {
  let at = 0
  const log: string[] = []
  const racer = (name: 'first' | 'second') => () => {
    at += costs(name, log.length)
    log.push(name)
    return Promise.resolve()
  }
  return { first: racer('first'), second: racer('second'), now: () => at, log }
}

test('the median of the pairs, each in the other order than the one before', async () => {
  const { first, second, now, log } = racers((name) => (name === 'first' ? 100 : 110))
  const { ratio, least, most, pairs } = await compare(first, second, { ms: 1000, now })
  assert.deepEqual([ratio, least, most, pairs], [1.1, 1.1, 1.1, 5])
  assert.deepEqual(log.slice(0, 6), ['first', 'second', 'second', 'first', 'first', 'second'])
})

test('a machine that is slow for a while, or gets slower, changes nothing', async () => {
  const { first, second, now } = racers((name, round) => {
    const slow = round >= 4 && round < 7 ? 5 : 1
    return slow * (name === 'first' ? 100 : 90)
  })
  const { ratio, pairs } = await compare(first, second, { ms: 3000, now })
  assert.equal(ratio, 0.9)
  assert.ok(pairs >= 10)
})
