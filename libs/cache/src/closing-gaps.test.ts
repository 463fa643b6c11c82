// The promise: of all stretches of gaps that are enough, and that nobody uses, the one with the least to move.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { entriesBetweenGaps, type Piece } from './closing-gaps.js'

const free = fc.integer({ min: 1, max: 9 }).map((bytes): Piece<number> => ({ kind: 'free', bytes }))
const idle = fc.integer({ min: 1, max: 9 }).map((bytes): Piece<number> => ({ kind: 'idle', bytes, entry: 0 }))
const used = fc.constant<Piece<number>>({ kind: 'used' })
/** Each idle one has its place as its name. */
const regions = fc
  .array(fc.oneof(free, idle, idle, used), { maxLength: 14 })
  .map((pieces) => pieces.map((piece, entry) => (piece.kind === 'idle' ? { ...piece, entry } : piece)))

const sum = (pieces: readonly Piece<number>[], kind: 'free' | 'idle'): number =>
  pieces.reduce((total, piece) => total + (piece.kind === kind ? piece.bytes : 0), 0)

test('as good as the best of all stretches, one by one', () => {
  fc.assert(
    fc.property(
      regions,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 0, max: 30 }),
      (pieces, bytes, most) => {
        const costs: number[] = []
        for (let from = 0; from < pieces.length; from++) {
          for (let to = from; to < pieces.length; to++) {
            const stretch = pieces.slice(from, to + 1)
            const ends = [stretch[0], stretch.at(-1)].every((piece) => piece?.kind === 'free')
            if (!ends || stretch.some(({ kind }) => kind === 'used')) continue
            if (sum(stretch, 'free') >= bytes && sum(stretch, 'idle') <= most)
              costs.push(sum(stretch, 'idle'))
          }
        }
        const found = entriesBetweenGaps(pieces, { bytes, mostMoved: most })
        assert.equal(found === undefined, costs.length === 0)
        if (found === undefined) return
        const [first = 0, last = 0] = [found[0], found.at(-1)]
        assert.deepEqual(
          found,
          found.toSorted((one, other) => one - other),
        )
        const between = found.length === 0 ? [] : pieces.slice(first, last + 1)
        assert.equal(sum(between, 'idle'), Math.min(...costs))
        assert.ok(between.every(({ kind }) => kind !== 'used'))
      },
    ),
    { numRuns: 3000 },
  )
})
