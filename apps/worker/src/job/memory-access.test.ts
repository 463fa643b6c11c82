// memory access patterns: what a task writes, and what a thread writes beside it, is on cache lines of its own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena } from '@cohort/cache'
import { KERNEL_SCRATCH_BYTES, slotLayout } from '@cohort/inference'
import fc from 'fast-check'
import { cutTasks, type Segment, type SlotRows } from './cut-tasks.js'

const LINE = 64

interface Shape {
  readonly rowBytes: number
  readonly modalities: number
  readonly controls: number
  readonly policies: number
}

/** Bytes that a step of these rows writes, section by section: from and to before. */
function written(shape: Shape, { slot, rows, from, to }: Segment): [number, number][] {
  const layout = slotLayout({ ...shape, outcomes: 1, soft: false, terms: false }, rows)
  const stretch = (section: number, bytes: number): [number, number] => [
    slot + section + bytes * from,
    slot + section + bytes * to,
  ]
  const columns = Array.from({ length: shape.controls }, (_, c) => [
    stretch(layout.actions + 4 * c * rows, 4),
    stretch(layout.margin + 8 * c * rows, 8),
  ])
  return [
    stretch(layout.errors, 4),
    stretch(layout.notes, 4),
    stretch(layout.rows, shape.rowBytes),
    stretch(layout.qPi, 8 * shape.policies),
    stretch(layout.G, 8 * shape.policies),
    stretch(layout.vfe, 8),
    stretch(layout.iterations, 8),
    ...columns.flat(),
  ]
}

const shapes = fc.record({
  rowBytes: fc.integer({ min: 1, max: 20 }).map((n) => 32 * n),
  modalities: fc.integer({ min: 1, max: 3 }),
  controls: fc.integer({ min: 1, max: 3 }),
  policies: fc.integer({ min: 1, max: 30 }),
})
/** Blocks as populations have them: 256 agents each, but for a last one, here of whole groups of sixteen. */
const blocks = fc.array(
  fc.integer({ min: 1, max: 16 }).map((n) => 16 * n),
  { minLength: 1, maxLength: 8 },
)

test('memory access patterns: no cache line is written by two tasks, of steps of up to 0.03 ms', () => {
  fc.assert(
    fc.property(shapes, blocks, fc.double({ min: 1e-5, max: 0.03, noNaN: true }), (shape, sizes, stepMs) => {
      let end = 64
      const slots = sizes.map((rows): SlotRows => {
        const slot = end
        end += slotLayout({ ...shape, outcomes: 1, soft: false, terms: false }, rows).bytes
        return { slot, rows }
      })
      const owner = new Map<number, number>()
      for (const [task, segments] of cutTasks(slots, { stepMs, lanes: 8, idle: 4 }).entries())
        for (const [from, to] of segments.flatMap((segment) => written(shape, segment)))
          for (let line = Math.floor(from / LINE); line * LINE < to; line++) {
            assert.equal(owner.get(line) ?? task, task, `line ${line}`)
            owner.set(line, task)
          }
    }),
    { numRuns: 60 },
  )
})

test('memory access patterns: slots, models and each thread’s scratch begin on lines of their own', () => {
  const arena = new Arena({ maxBytes: 2 ** 22, slotBytes: 2 ** 20, scratchBytes: 2 * KERNEL_SCRATCH_BYTES })
  const places = [1, 100, 64, 7].flatMap((bytes) => [
    arena.slots.allocate(bytes),
    arena.matrices.allocate(bytes),
  ])
  const scratch = [0, 1].map((seat) => arena.scratch + seat * KERNEL_SCRATCH_BYTES)
  const all = [...places, ...scratch].map((place) => place ?? assert.fail())
  assert.ok(all.every((place) => place % LINE === 0))
  assert.equal(new Set(all.map((place) => place / LINE)).size, all.length)
})

test('memory access patterns: the rows of a block lie in a row, and a task walks them once, in order', () => {
  const slots = [256, 256].map((rows, i) => ({ slot: 2 ** 20 * (i + 1), rows }))
  const walked = cutTasks(slots, { stepMs: 0.003, lanes: 8, idle: 2 }).flatMap((segments) =>
    segments.map(({ slot, from, to }) => [slot + from, slot + to]),
  )
  for (const [i, [from]] of walked.entries()) if (i > 0) assert.ok((from ?? 0) >= (walked[i - 1]?.[1] ?? 0))
})
