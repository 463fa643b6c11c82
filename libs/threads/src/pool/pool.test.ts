// What the pool promises who runs tasks: warm, pinned threads, first come first served, plain errors, an end.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { ENTERED, GATE } from '../testing/places.js'
import { testPool } from '../testing/test-pool.js'
import { allowedCpus, cpusAllowedIn } from '../machine/topology.js'

const onLinux = { skip: process.platform !== 'linux' }
const cpusOf = (tid: number | null) => cpusAllowedIn(readFileSync(`/proc/self/task/${tid}/status`, 'utf8'))

test(
  'every thread is allowed on exactly its own CPU when start resolves; the main thread on all as before',
  onLinux,
  async (t) => {
    const cpus = allowedCpus()
    const { pool } = await testPool(t, { threads: cpus.length, cpus })
    assert.deepEqual(pool.threads.map(({ cpu }) => cpu).toSorted(), cpus.toSorted())
    for (const { tid, cpu, note } of pool.threads) {
      assert.deepEqual(cpusOf(tid), [cpu])
      assert.equal(note, undefined)
    }
    assert.deepEqual(allowedCpus(), cpus)
  },
)

test('threads beyond the CPUs that there are run unpinned and say so', onLinux, async (t) => {
  const all = allowedCpus()
  const [cpu = 0] = all
  const { pool } = await testPool(t, { threads: 3, cpus: [cpu] })
  assert.deepEqual(pool.threads.filter((thread) => thread.cpu === cpu).length, 1)
  for (const { tid, note } of pool.threads.filter((thread) => thread.cpu === null)) {
    assert.deepEqual(cpusOf(tid), all.toSorted())
    assert.equal(note, 'there is no CPU for this thread')
  }
})

test('a CPU that is not there: the thread runs unpinned, with the reason', onLinux, async (t) => {
  const { pool } = await testPool(t, { cpus: [1022] })
  assert.match(pool.threads[0]?.note ?? '', /refused to pin to CPU 1022 \(EINVAL\)/)
  assert.equal(await pool.run({ does: 'echo', value: 7 }), 7)
})

test('a shared memory reaches the threads as the same memory', async (t) => {
  const { pool, logged } = await testPool(t)
  await pool.run({ does: 'log', value: 41 })
  assert.deepEqual(logged(), [41])
})

test('tasks that find the thread busy start in the order in which they came', async (t) => {
  const { pool, openGate, logged } = await testPool(t)
  const first = pool.run({ does: 'wait', value: 0 })
  const values = Array.from({ length: 100 }, (_, i) => i)
  const rest = values.map((value) => pool.run({ does: 'log', value }))
  openGate()
  assert.deepEqual(await Promise.all(rest), values)
  assert.deepEqual(logged(), values)
  await first
})

test('a task that throws rejects alone: with its code, or as internal with the thread’s stack', async (t) => {
  const { pool } = await testPool(t)
  await assert.rejects(pool.run({ does: 'refuse', value: 3 }), { code: 'poisoned_state', message: 'value 3' })
  await assert.rejects(pool.run({ does: 'throw', value: 4 }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'internal')
    assert.match((error.cause as Error).stack ?? '', /RangeError: value 4[\s\S]*testing\/thread/)
    return true
  })
  assert.equal(await pool.run({ does: 'echo', value: 5 }), 5)
})

test('a task that cannot be sent is a bug of its sender; the pool goes on', async (t) => {
  const { pool } = await testPool(t)
  const task = { does: 'echo', value: 1, extra: () => {} } as const
  await assert.rejects(pool.run(task), { code: 'internal' })
  assert.equal(await pool.run({ does: 'echo', value: 2 }), 2)
})

test('beyond maxTasks a task is refused, and those that are here end', async (t) => {
  const { pool, openGate } = await testPool(t, { maxTasks: 3 })
  const here = [
    pool.run({ does: 'wait', value: 1 }),
    pool.run({ does: 'echo', value: 2 }),
    pool.run({ does: 'echo', value: 3 }),
  ]
  await assert.rejects(pool.run({ does: 'echo', value: 4 }), { code: 'overloaded' })
  openGate()
  assert.deepEqual(await Promise.all(here), [1, 2, 3])
  assert.equal(await pool.run({ does: 'echo', value: 5 }), 5)
})

test('stop waits for the tasks that are here, refuses others and leaves no thread', async (t) => {
  const { pool, openGate } = await testPool(t, { threads: 2 })
  const tids = pool.threads.map(({ tid }) => tid)
  const here = [1, 2, 3, 4].map((value) => pool.run({ does: 'wait', value }))
  const stopped = pool.stop()
  await assert.rejects(pool.run({ does: 'echo', value: 5 }), { code: 'not_ready' })
  openGate()
  assert.deepEqual(await Promise.all(here), [1, 2, 3, 4])
  await Promise.all([stopped, pool.stop()])
  if (existsSync('/proc/self/task'))
    assert.ok(tids.every((tid) => !readdirSync('/proc/self/task').includes(String(tid))))
})

test('stop ends a task that does not end, running or waiting', async (t) => {
  const { pool, shared } = await testPool(t, { stopMs: 1 })
  const here = [pool.run({ does: 'wait', value: 1 }), pool.run({ does: 'echo', value: 2 })]
  const results = Promise.allSettled(here)
  await pool.stop()
  for (const result of await results)
    assert.ok(result.status === 'rejected' && result.reason.code === 'not_ready')
  assert.equal(shared[GATE], 0)
})

test('a file that throws, or never reports, fails the start and leaves no thread', async (t) => {
  const before = threadCount()
  await assert.rejects(testPool(t, { threads: 2, start: 'throws' }), {
    code: 'not_ready',
    message: /told not to start/,
  })
  await assert.rejects(testPool(t, { threads: 2, start: 'stalls', startMs: 100 }), {
    message: /not all threads reported/,
  })
  const filename = new URL('./no-such-file.js', import.meta.url)
  await assert.rejects(testPool(t, { filename }), { code: 'not_ready', message: /Cannot find module/ })
  // Node closes the ports of a thread that has ended in one of the next turns; one that is left never ends this.
  while (threadCount() > before) await setImmediate()
  assert.equal(threadCount(), before)
})

test('while one thread is idle nothing waits in the hand of another', async (t) => {
  const { pool, openGate } = await testPool(t, { threads: 2 })
  const waits = pool.run({ does: 'wait', value: 0 }, { costMs: 0.1 })
  for (let value = 0; value < 20; value++)
    assert.equal(await pool.run({ does: 'echo', value }, { costMs: 0.1 }), value)
  openGate()
  await waits
})

test('short tasks that wait are shared among threads that become free together', async (t) => {
  const { pool, openGate, shared } = await testPool(t, { threads: 2 })
  const waits = [0, 1].map((value) => pool.run({ does: 'wait', value }))
  while (Atomics.load(shared, ENTERED) < 2) await setImmediate()
  // Eight of 40 ms, said to be short: in one hand they would take 320.
  const all = Array.from({ length: 8 }, () => pool.run({ does: 'busy', value: 40 }, { costMs: 0.05 }))
  openGate()
  await Promise.all([...waits, ...all])
  assert.ok(pool.counters.bundles >= 2 + 2, `${pool.counters.bundles} messages`)
})

test('behind a task whose length nobody knows nothing waits in the hand of its thread', async (t) => {
  const { pool, openGate } = await testPool(t, { threads: 2 })
  const waits = [0, 1].map((value) => pool.run({ does: 'wait', value }))
  const echo = pool.run({ does: 'echo', value: 2 }, { costMs: 0.1 })
  assert.equal(pool.counters.waiting, 1)
  openGate()
  assert.deepEqual(await Promise.all([...waits, echo]), [0, 1, 2])
})

test('behind a task that is long nothing waits in its thread’s hand; behind a short one the next does', async (t) => {
  const { pool, openGate } = await testPool(t)
  const long = pool.run({ does: 'wait', value: 0 }, { costMs: 5 })
  const behind = pool.run({ does: 'echo', value: 1 }, { costMs: 0.1 })
  assert.equal(pool.counters.waiting, 1)
  openGate()
  await Promise.all([long, behind])
  const short = pool.run({ does: 'wait', value: 0 }, { costMs: 1 })
  const next = pool.run({ does: 'echo', value: 1 }, { costMs: 0.1 })
  assert.equal(pool.counters.waiting, 0)
  await Promise.all([short, next])
})

test('what was worked on last goes to the same thread; where that one is busy, to another', async (t) => {
  const { pool, openGate, shared } = await testPool(t, { threads: 2, tuning: { affinity: true } })
  for (let i = 0; i < 10; i++) await pool.run({ does: 'echo', value: i }, { affinity: 'a', costMs: 0.1 })
  assert.deepEqual([pool.counters.affine, pool.counters.stolen], [9, 0])
  const waits = pool.run({ does: 'wait', value: 0 }, { affinity: 'a' })
  while (Atomics.load(shared, ENTERED) === 0) await setImmediate()
  await pool.run({ does: 'echo', value: 1 }, { affinity: 'a', costMs: 0.1 })
  assert.deepEqual([pool.counters.affine, pool.counters.stolen], [10, 1])
  openGate()
  await waits
})

test('many short tasks at once share messages', async (t) => {
  const { pool, openGate, shared } = await testPool(t)
  const waits = pool.run({ does: 'wait', value: 0 })
  while (Atomics.load(shared, ENTERED) === 0) await setImmediate()
  const values = Array.from({ length: 100 }, (_, i) => i)
  const all = values.map((value) => pool.run({ does: 'echo', value }, { costMs: 0.01 }))
  openGate()
  assert.deepEqual(await Promise.all(all), values)
  await waits
  assert.ok(pool.counters.bundles <= 1 + 3, `${pool.counters.bundles} bundles`)
})

test('one that cannot be sent does not harm those of its bundle', async (t) => {
  const { pool, openGate, shared } = await testPool(t)
  const waits = pool.run({ does: 'wait', value: 0 })
  while (Atomics.load(shared, ENTERED) === 0) await setImmediate()
  const extra = { extra: () => {} }
  const all = [1, 2, 3].map((value) =>
    pool.run({ does: 'echo', value, ...(value === 2 ? extra : {}) }, { costMs: 0.01 }),
  )
  openGate()
  const [one, two, three] = await Promise.allSettled(all)
  assert.ok(one?.status === 'fulfilled' && three?.status === 'fulfilled')
  assert.ok(two?.status === 'rejected' && two.reason.code === 'internal')
  await waits
})

test('pool scaling: a pool within bounds grows under load, and retires only threads that do nothing', async (t) => {
  const retired: number[] = []
  const { pool, openGate, shared } = await testPool(t, {
    threads: { initial: 1, min: 1, max: 3 },
    onEvent: (event) => event.kind === 'retired' && retired.push(event.thread.seat),
  })
  const here = Array.from({ length: 6 }, (_, value) => pool.run({ does: 'wait', value }))
  while (Atomics.load(shared, ENTERED) < 3) await setTimeout(5)
  assert.equal(pool.threads.length, 3)
  openGate()
  assert.deepEqual(await Promise.all(here), [0, 1, 2, 3, 4, 5])
  while (pool.threads.length > 1) await setTimeout(5)
  assert.deepEqual(retired, [2, 1])
  assert.equal(await pool.run({ does: 'echo', value: 7 }), 7)
})

const threadCount = () =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort' || kind === 'Worker').length
