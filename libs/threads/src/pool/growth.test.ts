// pool scaling: what decides how many threads there are: bounds by name, thresholds, and patience both ways.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fixedBounds, Growth, seedBounds } from './growth.js'

test('the bounds of the seed document, by its formulae', () => {
  assert.deepEqual(seedBounds(8, 1000), { initial: 16, min: 8, max: 32 })
  assert.deepEqual(seedBounds(2), { initial: 4, min: 2, max: 8 })
  assert.deepEqual(seedBounds(8, 3), { initial: 8, min: 8, max: 32 })
  assert.deepEqual(seedBounds(64), { initial: 64, min: 64, max: 128 })
})

test('whatever the machine: min ≤ initial ≤ max', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1024 }),
      fc.integer({ min: 1, max: 10_000_000 }),
      (cpus, agents) => {
        const { initial, min, max } = seedBounds(cpus, agents)
        assert.ok(1 <= min && min <= initial && initial <= max)
      },
    ),
  )
})

const busy = { utilisation: 0.9, waiting: 5 }
const idle = { utilisation: 0.1, waiting: 0 }

test('it grows after three samples at 0.7 with tasks waiting, and not after two, nor where nobody waits', () => {
  const growth = new Growth({ initial: 2, min: 1, max: 4 })
  const next = (sample: { utilisation: number; waiting: number }) => growth.next({ threads: 2, ...sample })
  assert.deepEqual(
    [busy, busy, { utilisation: 0.69, waiting: 5 }, busy, busy].map(next),
    Array(5).fill('stay'),
  )
  assert.equal(next(busy), 'grow')
  assert.deepEqual([busy, busy].map(next), ['stay', 'stay'])
  assert.deepEqual(
    Array.from({ length: 9 }, () => next({ utilisation: 1, waiting: 0 })),
    Array(9).fill('stay'),
  )
})

test('it retires one after twenty samples at 0.2, and begins to count anew', () => {
  const growth = new Growth({ initial: 2, min: 1, max: 4 })
  const next = () => growth.next({ threads: 2, ...idle })
  assert.deepEqual(
    Array.from({ length: 40 }, next).flatMap((decision, i) => (decision === 'retire' ? [i] : [])),
    [19, 39],
  )
})

test('never beyond its bounds; a load that goes up and down each sample changes nothing', () => {
  const full = new Growth({ initial: 4, min: 1, max: 4 })
  for (let i = 0; i < 50; i++) assert.equal(full.next({ threads: 4, ...busy }), 'stay')
  const least = new Growth(fixedBounds(2))
  for (let i = 0; i < 50; i++) assert.equal(least.next({ threads: 2, ...idle }), 'stay')
  const swinging = new Growth({ initial: 2, min: 1, max: 4 })
  for (let i = 0; i < 50; i++)
    assert.equal(swinging.next({ threads: 2, ...(i % 2 === 0 ? busy : idle) }), 'stay')
})
