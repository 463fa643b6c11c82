// Every interleaving at the read-write lock: exclusion, the writer's bound, and nobody sleeps for ever.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReadWriteLock } from '@cohort/threads/sync'
import { EarlyLock, LookingLock } from './broken.js'
import { explore, type Explored, type Program } from './explore.js'

interface WriteLock {
  lockWrite(): void
  unlockWrite(): void
}

const BYTES = ReadWriteLock.bytes()
/** Behind the lock: a number that only its holders touch, plainly. Where two of them meet the checker finds a race. */
const guarded = (memory: SharedArrayBuffer) => new Float64Array(memory, BYTES, 1)
const lockOn = (buffer: SharedArrayBuffer, bound = 1, spins = 0) =>
  new ReadWriteLock({ buffer, offset: 0 }, { bound, spins })

const READERS = 0xfff
const WRITER = 1 << 12
const WAITING = 0xff << 13

const reads =
  (times: number, spins = 0) =>
  (memory: SharedArrayBuffer): unknown => {
    const lock = lockOn(memory, 1, spins)
    let seen: unknown
    for (let time = 0; time < times; time++) {
      lock.lockRead()
      seen = guarded(memory)[0]
      lock.unlockRead()
    }
    return seen
  }

const writesWith = (make: (memory: SharedArrayBuffer) => WriteLock) => (memory: SharedArrayBuffer) => {
  const [lock, value] = [make(memory), guarded(memory)]
  lock.lockWrite()
  value[0] = (value[0] ?? 0) + 1
  lock.unlockWrite()
}
const readsOnce = reads(1)
const writes = writesWith((memory) => lockOn(memory))

/** Readers that came in since a writer waits and none has got in: counted from outside. */
function passed(count: number, [before = 0]: Int32Array, [after = 0]: Int32Array): number {
  if ((after & WRITER) !== 0 || (after & WAITING) === 0) return 0
  const came = (before & WAITING) !== 0 && (after & READERS) > (before & READERS)
  assert.ok(count + Number(came) <= 1, 'more readers than the bound came in before a writer that waits')
  return count + Number(came)
}

function explored(threads: Program['threads'], writers: number, more: Partial<Program> = {}): Explored {
  return explore({
    ...more,
    bytes: BYTES + 64,
    threads,
    quiet: [128, 192],
    follow: passed,
    check(_, memory) {
      assert.equal(guarded(memory)[0], writers)
      assert.ok(lockOn(memory).tryWrite(), 'nobody holds it in the end')
      assert.equal(new Int32Array(memory)[16], 0, 'nobody is counted as asleep')
    },
  })
}

const CASES: readonly (readonly [string, Program['threads'], writers: number])[] = [
  ['two writers', [writes, writes], 2],
  ['a writer and a reader that comes twice', [writes, reads(2)], 1],
  ['a writer and a reader that looks again before it sleeps', [writes, reads(1, 1)], 1],
  ['a writer and two readers', [writes, readsOnce, readsOnce], 1],
]

for (const [name, threads, writers] of CASES) {
  test(name, (t) => {
    const { interleavings, states } = explored(threads, writers)
    t.diagnostic(`${interleavings} interleavings, ${states} states`)
  })
}

test('a writer gives it back while another and a reader come', (t) => {
  const prepare = (memory: SharedArrayBuffer) => lockOn(memory).lockWrite()
  const leaves = (memory: SharedArrayBuffer) => {
    guarded(memory)[0] = 0
    lockOn(memory).unlockWrite()
  }
  const { interleavings, states } = explored([leaves, writes, readsOnce], 1, { prepare })
  t.diagnostic(`${interleavings} interleavings, ${states} states`)
})

test('a reader passes a writer that waits, and the one after the bound does not', () => {
  explored(
    [
      writes,
      (memory) => {
        const lock = lockOn(memory)
        lock.lockRead()
        const second = lock.tryRead()
        const third = lock.tryRead()
        // The writer may begin to wait in between, but one reader may always pass it.
        assert.ok(second)
        if (third) lock.unlockRead()
        lock.unlockRead()
        lock.unlockRead()
      },
    ],
    1,
  )
})

test('the checker finds a lock that wakes before it is free, and one that looks before it takes', () => {
  const two = (make: (memory: SharedArrayBuffer) => WriteLock) => () =>
    explore({ bytes: BYTES + 64, threads: [writesWith(make), writesWith(make)] })
  assert.throws(
    two((buffer) => new EarlyLock({ buffer, offset: 0 })),
    /nobody is left to wake them/,
  )
  assert.throws(
    two((buffer) => new LookingLock({ buffer, offset: 0 })),
    /a race: plain/,
  )
})
