// The flat products agree with what they stand for, written out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { numbers } from '../testing/models.js'
import { axesOf, contract, contractions, jointBelief, multiply } from './tensor.js'

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })

test('multiply is a matrix times a vector, whatever its rows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 11 }),
      fc.integer({ min: 1, max: 7 }),
      fc.nat(),
      (rows, columns, seed) => {
        const random = numbers(seed)
        const matrix = Float64Array.from({ length: rows * columns }, random)
        const x = Float64Array.from({ length: columns }, random)
        const out = new Float64Array(rows + 2).fill(-1)
        multiply(matrix, x, out, 1)
        const sums = Array.from({ length: rows }, (_, row) =>
          x.reduce((sum, weight, i) => sum + matrix[row * columns + i] * weight, 0),
        )
        assert.deepEqual([...out], [-1, ...sums, -1])
      },
    ),
  )
})

test('a joint belief is the product of the beliefs about its factors, in the order of its axes', () => {
  const beliefs = Float64Array.of(0.5, 0.5, 0.2, 0.3, 0.5)
  const out = new Float64Array(6)
  jointBelief(axesOf([1, 0], [2, 3]), beliefs, Int32Array.of(0, 2), out)
  assert.deepEqual([...out], [0.1, 0.1, 0.15, 0.15, 0.25, 0.25])
})

test('contractions leave the one axis, the others averaged out under their beliefs', () => {
  fc.assert(
    fc.property(shapes, fc.nat(), (lengths, seed) => {
      const random = numbers(seed)
      const axes = axesOf(
        lengths.map((_, f) => f),
        lengths,
      )
      let states = 0
      const at = Int32Array.from(lengths, (length) => (states += length) - length)
      const beliefs = Float64Array.from({ length: states }, random)
      const tensor = Float64Array.from({ length: axes.size }, random)
      lengths.forEach((_, kept) => {
        const work = new Float64Array(axes.size)
        let from = tensor
        for (const contraction of contractions(axes, kept, at)) {
          contract(contraction, from, beliefs, work)
          from = work
        }
        writtenOut({ lengths, kept, at, beliefs, tensor }).forEach((sum, s) =>
          assert.ok(Math.abs(sum - from[s]) < 1e-9),
        )
      })
    }),
  )
})

interface Averaging {
  readonly lengths: readonly number[]
  readonly kept: number
  readonly at: Int32Array
  readonly beliefs: Float64Array
  readonly tensor: Float64Array
}

function writtenOut({ lengths, kept, at, beliefs, tensor }: Averaging): number[] {
  const sums = new Array<number>(lengths[kept]).fill(0)
  tensor.forEach((entry, i) => {
    let rest = i
    let weight = entry
    let own = 0
    for (let f = lengths.length - 1; f >= 0; f--) {
      const state = rest % lengths[f]
      rest = Math.floor(rest / lengths[f])
      if (f === kept) own = state
      else weight *= beliefs[at[f] + state]
    }
    sums[own] += weight
  })
  return sums
}
