// What the queue of tasks promises: all come out once, nobody starves, its own thread where that costs no wait.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BUNDLE_MS, dueMs, type Priority, TaskQueue, type Waiting } from './task-queue.js'

interface Named extends Waiting {
  readonly name: number
}

const named = (name: number, about: Partial<Waiting> = {}): Named => {
  return { name, dueMs: name, seat: undefined, costMs: undefined, ...about }
}

function queueOf(tasks: readonly Named[]): TaskQueue<Named> {
  const queue = new TaskQueue<Named>()
  for (const task of tasks) queue.add(task)
  return queue
}

const names = (tasks: readonly Named[]): number[] => tasks.map(({ name }) => name)

test('whatever comes and is taken: each comes out once, and none before one that was due 1 ms earlier', () => {
  const about = fc.record({
    dueMs: fc.integer({ min: 0, max: 30 }),
    seat: fc.option(fc.nat(2), { nil: undefined }),
    costMs: fc.option(fc.double({ min: 0.01, max: 1, noNaN: true }), { nil: undefined }),
  })
  const take = fc.record({ by: fc.nat(2), share: fc.integer({ min: 1, max: 5 }) })
  fc.assert(
    fc.property(fc.array(fc.oneof(about, take), { maxLength: 80 }), (steps) => {
      const queue = new TaskQueue<Named>()
      const here = new Map<number, Named>()
      for (const [name, step] of [...steps, ...steps.map(() => ({ by: 0, share: 5 }))].entries()) {
        if ('dueMs' in step) {
          const task = { name, ...step }
          queue.add(task)
          here.set(name, task)
        } else {
          const taken = queue.take(step.by, step.share)
          assert.equal(taken.length === 0, here.size === 0)
          assert.ok(taken.length <= step.share)
          if (taken.length > 1)
            assert.ok(taken.reduce((sum, { costMs = Infinity }) => sum + costMs, 0) <= BUNDLE_MS)
          for (const task of taken) {
            const first = Math.min(...[...here.values()].map((one) => one.dueMs))
            assert.ok(here.delete(task.name) && task.dueMs <= first + 1)
          }
        }
        assert.equal(queue.size, here.size)
      }
    }),
    { numRuns: 300 },
  )
})

test('a thread takes its own before others that are due as soon; else the first, whoever had it', () => {
  const queue = queueOf([
    named(1, { dueMs: 0, seat: 0 }),
    named(2, { dueMs: 0.5, seat: 1 }),
    named(3, { dueMs: 0.6, seat: 2 }),
    named(4, { dueMs: 5, seat: 1 }),
  ])
  assert.deepEqual(names(queue.take(1)), [2])
  // Its next is due 5 ms later than the first: that one is stolen, and not left waiting.
  assert.deepEqual(names(queue.take(1)), [1])
  assert.deepEqual(names(queue.take(1)), [3])
  assert.deepEqual(names(queue.take(1)), [4])
})

test('short tasks share a bundle up to half a millisecond; long ones and those of unknown length go alone', () => {
  const short = { costMs: 0.2 }
  const queue = queueOf([
    named(1, short),
    named(2, short),
    named(3, short),
    named(4),
    named(5, { costMs: 3 }),
    named(6, short),
  ])
  assert.deepEqual(names(queue.take(0, 9)), [1, 2])
  assert.deepEqual(names(queue.take(0, 9)), [3])
  assert.deepEqual(names(queue.take(0, 9)), [4])
  assert.deepEqual(names(queue.take(0, 9)), [5])
  assert.deepEqual(names(queue.take(0, 9)), [6])
})

test('high goes before normal before low; a deadline before those that are due later', () => {
  const order: [Priority, number | undefined][] = [
    ['low', undefined],
    ['normal', undefined],
    ['high', undefined],
    ['low', 1010],
  ]
  const queue = queueOf(
    order.map(([priority, deadline], name) => named(name, { dueMs: dueMs(1000, priority, deadline) })),
  )
  assert.deepEqual(
    [1, 2, 3, 4].flatMap(() => names(queue.take(0))),
    [2, 3, 1, 0],
  )
})

test('a low task is overtaken for a bounded time: under a load of high ones that never ends it has its turn', () => {
  const queue = queueOf([named(-1, { dueMs: dueMs(0, 'low') })])
  // A high one comes each millisecond, and one task a millisecond is done.
  for (let now = 1; now < 2000; now++) {
    queue.add(named(now, { dueMs: dueMs(now, 'high') }))
    if (names(queue.take(0))[0] === -1) {
      assert.ok(now >= 1000 && now <= 1100, `after ${now} ms`)
      return
    }
  }
  assert.fail('it starved')
})
