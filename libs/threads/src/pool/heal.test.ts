// What the pool promises when a thread dies: its task is told, all others run, and it is whole again.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { ENTERED, REFUSE_TO_START } from '../testing/places.js'
import { testPool } from '../testing/test-pool.js'
import { allowedCpus, cpusAllowedIn } from '../machine/topology.js'

test('a thread that exits under a task: the task rejects as lost, the others are served', async (t) => {
  const { pool } = await testPool(t, { threads: 2 })
  const tasks = Array.from({ length: 40 }, (_, i) =>
    pool.run(i === 5 ? { does: 'exit', value: 9 } : { does: 'echo', value: i }),
  )
  const results = await Promise.allSettled(tasks)
  for (const [i, result] of results.entries()) {
    if (i === 5) assert.ok(result.status === 'rejected' && result.reason.code === 'thread_lost')
    else assert.ok(result.status === 'fulfilled' && result.value === i)
  }
})

test(
  'the replacement takes the CPU of the one that it replaces',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const cpus = allowedCpus()
    const { pool, next } = await testPool(t, { threads: cpus.length, cpus })
    for (let round = 0; round < 3; round++) {
      const [lost, started] = [next('lost'), next('started')]
      await assert.rejects(pool.run({ does: 'exit', value: 3 }), { code: 'thread_lost' })
      const [was, is] = await Promise.all([lost, started])
      assert.ok(was.kind === 'lost' && is.kind === 'started')
      assert.match(was.reason, /exit code 3/)
      assert.deepEqual([is.thread.seat, is.thread.cpu], [was.thread.seat, was.thread.cpu])
      assert.notEqual(is.thread.threadId, was.thread.threadId)
      assert.deepEqual(cpusAllowedIn(readFileSync(`/proc/self/task/${is.thread.tid}/status`, 'utf8')), [
        was.thread.cpu,
      ])
      assert.deepEqual(pool.threads.map(({ cpu }) => cpu).toSorted(), cpus.toSorted())
    }
  },
)

test('all threads dead at once: tasks that wait run on their replacements', async (t) => {
  const { pool } = await testPool(t, { threads: 2 })
  const dying = Promise.allSettled([
    pool.run({ does: 'exit', value: 1 }),
    pool.run({ does: 'exit', value: 2 }),
  ])
  const waiting = Array.from({ length: 10 }, (_, value) => pool.run({ does: 'echo', value }))
  for (const death of await dying)
    assert.ok(death.status === 'rejected' && death.reason.code === 'thread_lost')
  assert.deepEqual(await Promise.all(waiting), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('a thread that dies of an uncaught error is replaced, and the error is told', async (t) => {
  const { pool, next } = await testPool(t)
  const [lost, started] = [next('lost'), next('started')]
  // The answer and the end of the thread race each other; either is right, a task that never ends is not.
  const [result] = await Promise.allSettled([pool.run({ does: 'crash', value: 1 })])
  assert.ok(result.status === 'fulfilled' ? result.value === 1 : result.reason.code === 'thread_lost')
  const event = await lost
  assert.ok(event.kind === 'lost' && event.reason === 'Error: crashed')
  await started
  assert.equal(await pool.run({ does: 'echo', value: 2 }), 2)
})

test('a replacement that does not start fails the pool: all tasks are told, here and later', async (t) => {
  const { pool, next, shared } = await testPool(t, { threads: 2 })
  const running = pool.run({ does: 'wait', value: 1 })
  const told = Promise.allSettled([running])
  while (Atomics.load(shared, ENTERED) === 0) await pool.run({ does: 'echo', value: 0 })
  const failed = next('failed')
  Atomics.store(shared, REFUSE_TO_START, 1)
  await assert.rejects(pool.run({ does: 'exit', value: 3 }), { code: 'thread_lost' })
  await failed
  const [result] = await told
  assert.ok(result?.status === 'rejected' && result.reason.code === 'not_ready')
  await assert.rejects(pool.run({ does: 'echo', value: 2 }), {
    code: 'not_ready',
    message: /told not to start/,
  })
  await pool.stop()
})

test('a thread that hangs past its task’s limit is replaced; what waited in its hand runs elsewhere', async (t) => {
  const { pool, next } = await testPool(t, { threads: 2 })
  const lost = next('lost')
  const hung = pool.run({ does: 'spin', value: 1 }, { limitMs: 300, costMs: 0.1 })
  const others = Array.from({ length: 20 }, (_, value) => pool.run({ does: 'echo', value }, { costMs: 0.1 }))
  await assert.rejects(hung, { code: 'thread_lost', message: /its task ran for more than 300 ms/ })
  assert.deepEqual(
    await Promise.all(others),
    others.map((_, i) => i),
  )
  const event = await lost
  assert.ok(event.kind === 'lost' && /ran for more than 300 ms/.test(event.reason))
  while (pool.threads.length < 2) await next('started')
})

test('a main thread that was held up, or a process that stood still, takes no thread for hung', async (t) => {
  const { pool, shared, openGate } = await testPool(t)
  const waits = pool.run({ does: 'wait', value: 1 }, { limitMs: 1200 })
  while (Atomics.load(shared, ENTERED) === 0) await setImmediate()
  await setTimeout(300)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000)
  await setTimeout(300)
  openGate()
  assert.equal(await waits, 1)
})

test('many tasks one after the other are not taken for one that hangs', async (t) => {
  const { pool, next } = await testPool(t)
  const lost = next('lost').then(() => assert.fail('a thread was taken for hung'))
  const each = { limitMs: 400, costMs: 0.1 }
  await Promise.race([
    lost,
    Promise.all(Array.from({ length: 60 }, () => pool.run({ does: 'busy', value: 25 }, each))),
  ])
})

test('tasks that had not begun when their thread died go to another, unharmed; their order stays', async (t) => {
  const { pool, logged, shared, openGate } = await testPool(t)
  // One runs, the other is in the thread's hand: what comes then shares a bundle, whose first kills the thread.
  const waits = Promise.all([0, 0].map((value) => pool.run({ does: 'wait', value }, { costMs: 0.1 })))
  while (Atomics.load(shared, ENTERED) === 0) await setImmediate()
  const dies = pool.run({ does: 'exit', value: 1 }, { costMs: 0.1 })
  const behind = [1, 2, 3].map((value) => pool.run({ does: 'log', value }, { costMs: 0.1 }))
  openGate()
  await waits
  await assert.rejects(dies, { code: 'thread_lost' })
  assert.deepEqual(await Promise.all(behind), [1, 2, 3])
  assert.deepEqual(logged(), [1, 2, 3])
  assert.equal(pool.counters.movedOn, 3)
})

test('a thread out of memory is replaced, and the process lives', async (t) => {
  const { pool, next } = await testPool(t, { heapMiB: 24 })
  const [lost, started] = [next('lost'), next('started')]
  await assert.rejects(pool.run({ does: 'hog', value: 1 }), {
    code: 'thread_lost',
    message: /out of memory|memory limit/i,
  })
  await Promise.all([lost, started])
  assert.equal(await pool.run({ does: 'echo', value: 2 }), 2)
})

test('what waited behind a task that crashed its thread runs on the thread that is idle, at once', async (t) => {
  const { pool, next } = await testPool(t, { threads: 2 })
  const started = next('started')
  const crash = Promise.allSettled([pool.run({ does: 'crash', value: 0 }, { costMs: 0.1 })])
  let done = 0
  const lane = async (): Promise<void> => {
    // Until the replacement is there all of this runs on the other thread.
    while (done >= 0) {
      await pool.run({ does: 'echo', value: 1 }, { costMs: 0.1 })
      done += 1
    }
  }
  const lanes = [lane(), lane(), lane()]
  await crash
  const before = done
  await started
  assert.ok(done > before + 20, `${done - before} tasks while a thread was replaced`)
  done = -100_000
  await Promise.all(lanes)
})

test('a thread that died in a task is not busy: a pool that has nothing to do retires as always', async (t) => {
  const { pool, next } = await testPool(t, { threads: { initial: 2, min: 1, max: 2 } })
  const [started, retired] = [next('started'), next('retired')]
  await assert.rejects(pool.run({ does: 'exit', value: 1 }), { code: 'thread_lost' })
  await started
  await retired
  assert.equal(pool.threads.length, 1)
})
