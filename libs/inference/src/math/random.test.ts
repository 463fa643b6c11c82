// The counter-based random numbers are the published ones, and no two streams are the same.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { agentSeed, philox, uniform } from './random.js'

// Random123, tests/kat_vectors: philox4x32 10.
const KNOWN_ANSWERS = [
  { counter: [0, 0, 0, 0], key: [0, 0], out: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    out: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    out: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
]

test('philox gives the known answers of Random123', () => {
  for (const { counter, key, out } of KNOWN_ANSWERS) {
    const words = new Uint32Array(4)
    philox(key[0], key[1], counter[0], counter[1], counter[2], counter[3], words)
    assert.deepEqual([...words], out)
  }
})

test('a draw is in [0, 1), the same for the same stream and draw, and another for another', () => {
  const word = fc.integer({ min: 0, max: 0xffffffff })
  const step = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 })
  fc.assert(
    fc.property(word, word, step, fc.nat(100), (low, high, at, draw) => {
      const stream = { seed: Uint32Array.of(low, high), step: at }
      const drawn = uniform(stream, draw)
      assert.ok(drawn >= 0 && drawn < 1)
      assert.equal(uniform(stream, draw), drawn)
      assert.notEqual(uniform(stream, draw + 1), drawn)
      assert.notEqual(uniform({ ...stream, step: at + 1 }, draw), drawn)
      assert.notEqual(uniform({ ...stream, seed: Uint32Array.of(low, high ^ 1) }, draw), drawn)
    }),
  )
})

test('draws are spread evenly', () => {
  const count = 10_000
  const drawn = Array.from({ length: count }, (_, step) => uniform({ seed: Uint32Array.of(3, 4), step }, 0))
  const tenths = new Array<number>(10).fill(0)
  for (const value of drawn) tenths[Math.floor(10 * value)]++
  for (const tenth of tenths) assert.ok(Math.abs(tenth - count / 10) < 150, `${tenths.join()}`)
})

test('agents of one population, and the same agents of another, have seeds of their own', () => {
  const seeds = new Set<string>()
  for (const population of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    for (const index of [0, 1, 255, 256, 2 ** 32]) {
      const words = new Uint32Array(2)
      agentSeed(population, index, words)
      seeds.add(words.join())
    }
  }
  assert.equal(seeds.size, 20)
})
