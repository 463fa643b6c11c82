// What each thread does with a shared structure, or with what one would write without it. Used by thread.ts, team.ts
import { FreeList } from '@cohort/cache'
import { Counters, CounterWriter, ReadWriteLock, SequenceLock } from '@cohort/threads/sync'
import { Mutex } from './mutex.js'
import { RINGS } from './rings.js'
import type { Task, Variant } from './variant.js'

/** Lines of the memory: the team's barrier, what is guarded, the structure. */
export const GUARDED = 256
const OFFSET = 1024
export const BYTES = 65_536

const all = (times: number, threads: number) => times * threads
const guardedOf = ({ buffer }: Task) => new Int32Array(buffer, GUARDED, 1)
const placeOf = ({ buffer }: Pick<Task, 'buffer'>) => ({ buffer, offset: OFFSET })
const mutexOf = ({ buffer }: Task, bytes = 0) => new Mutex(new Int32Array(buffer, OFFSET + bytes), 0)

const LINE = 64

function count(task: Task, apart: number): number {
  const words = new BigInt64Array(task.buffer, OFFSET + apart * task.me, 1)
  const writer =
    apart === LINE
      ? new Counters(placeOf(task), { threads: task.threads, counters: 1 }).writer(task.me)
      : new CounterWriter(words)
  for (let time = 0; time < task.times; time++) writer.add(0, 1)
  return new Float64Array(task.buffer, words.byteOffset, 1)[0]
}

function countTogether(task: Task): number {
  const guarded = guardedOf(task)
  for (let time = 0; time < task.times; time++) Atomics.add(guarded, 0, 1)
  return task.times
}

/** One in `every` operations writes, the others read; `every` of 1 only writes, of infinity only reads. */
function lockAndLook(task: Task, every: number): number {
  const [lock, guarded] = [new ReadWriteLock(placeOf(task)), guardedOf(task)]
  let sum = 0
  for (let time = 0; time < task.times; time++) {
    if (time % every === every - 1) {
      lock.lockWrite()
      guarded[0]++
      lock.unlockWrite()
    } else {
      lock.lockRead()
      sum += Number(guarded[0] < 0)
      lock.unlockRead()
    }
  }
  return task.times + sum
}

function mutexAndLook(task: Task, every: number): number {
  const [mutex, guarded] = [mutexOf(task), guardedOf(task)]
  let sum = 0
  for (let time = 0; time < task.times; time++) {
    mutex.lock()
    if (time % every === every - 1) guarded[0]++
    else sum += Number(guarded[0] < 0)
    mutex.unlock()
  }
  return task.times + sum
}

/** Each thread has a mutex of its own, so many bytes from the next one. */
function ownMutex(task: Task, apart: number): number {
  const mutex = mutexOf(task, apart * task.me)
  let done = 0
  for (let time = 0; time < task.times; time++) {
    mutex.lock()
    done++
    mutex.unlock()
  }
  return done
}

const VALUES = 4
/** The first thread writes once in so many operations; all others are reads. */
const WRITE_EVERY = 64

function tabulate(
  task: Task,
  table: { write(values: Float64Array): void; read(into: Float64Array): void },
): number {
  const [values, into] = [new Float64Array(VALUES), new Float64Array(VALUES)]
  let whole = 0
  for (let time = 0; time < task.times; time++) {
    if (task.me === 0 && time % WRITE_EVERY === 0) table.write(values.fill(time))
    else table.read(into)
    whole += Number(into[0] === into[VALUES - 1])
  }
  return whole
}

function guardedTable(task: Task, lock: { read: [() => void, () => void]; write: [() => void, () => void] }) {
  const kept = new Float64Array(task.buffer, GUARDED, VALUES)
  const within = ([enter, leave]: [() => void, () => void], does: () => void) => {
    enter()
    does()
    leave()
  }
  return {
    write: (values: Float64Array) => within(lock.write, () => kept.set(values)),
    read: (into: Float64Array) => within(lock.read, () => into.set(kept)),
  }
}

function lockedTable(task: Task): number {
  const lock = new ReadWriteLock(placeOf(task))
  return tabulate(
    task,
    guardedTable(task, {
      read: [() => lock.lockRead(), () => lock.unlockRead()],
      write: [() => lock.lockWrite(), () => lock.unlockWrite()],
    }),
  )
}

function mutexTable(task: Task): number {
  const mutex = mutexOf(task)
  const both: [() => void, () => void] = [() => mutex.lock(), () => mutex.unlock()]
  return tabulate(task, guardedTable(task, { read: both, write: both }))
}

const SLOTS = 64
/** Behind the mutex: how many are free less the full number, then the slots, each less its place. */
function mutexList(task: Task): number {
  const [mutex, kept] = [mutexOf(task), new Int32Array(task.buffer, GUARDED, 1 + SLOTS)]
  const owners = new Int32Array(task.buffer, OWNERS, SLOTS)
  return passSlots(task, owners, {
    take() {
      mutex.lock()
      const at = SLOTS + --kept[0]
      const slot = kept[1 + at] + at
      mutex.unlock()
      return slot
    },
    giveBack(slot) {
      mutex.lock()
      const at = SLOTS + kept[0]++
      kept[1 + at] = slot - at
      mutex.unlock()
    },
  })
}

const OWNERS = 16_384

function passSlots(
  { me, times }: Task,
  owners: Int32Array,
  list: { take(): number | undefined; giveBack(slot: number): void },
): number {
  let right = 0
  for (let time = 0; time < times; time++) {
    const slot = list.take()
    if (slot === undefined) continue
    owners[slot] = me
    right += Number(owners[slot] === me)
    list.giveBack(slot)
  }
  return right
}

const freeList = (task: Task): number =>
  passSlots(task, new Int32Array(task.buffer, OWNERS, SLOTS), new FreeList(task.buffer, OFFSET, SLOTS))

const waitedNs = (buffer: SharedArrayBuffer): number => {
  const { readNs, writeNs } = new ReadWriteLock(placeOf({ buffer })).waits
  return readNs + writeNs
}
const OURS = { variant: 'read-write lock', waitedNs }
const sixteenth = (times: number, threads: number) => threads * Math.floor(times / 16)

export const VARIANTS: readonly Variant[] = [
  { case: 'counters', variant: 'a line each', does: (task) => count(task, LINE) },
  { case: 'counters', variant: 'on one line', does: (task) => count(task, 8) },
  { case: 'counters', variant: 'one word, added to', does: countTogether, guards: all },
  { case: 'write', ...OURS, does: (task) => lockAndLook(task, 1), guards: all },
  { case: 'write', variant: 'mutex', does: (task) => mutexAndLook(task, 1), guards: all },
  { case: 'write', variant: 'own mutex, a line each', does: (task) => ownMutex(task, LINE) },
  { case: 'write', variant: 'own mutex, on one line', does: (task) => ownMutex(task, 4) },
  { case: 'read', ...OURS, does: (task) => lockAndLook(task, Infinity) },
  { case: 'read', variant: 'mutex', does: (task) => mutexAndLook(task, Infinity) },
  { case: 'mixed', ...OURS, does: (task) => lockAndLook(task, 16), guards: sixteenth },
  { case: 'mixed', variant: 'mutex', does: (task) => mutexAndLook(task, 16), guards: sixteenth },
  {
    case: 'table',
    variant: 'sequence lock',
    does: (task) => tabulate(task, new SequenceLock(placeOf(task), VALUES)),
  },
  { case: 'table', ...OURS, does: lockedTable },
  { case: 'table', variant: 'mutex', does: mutexTable },
  ...RINGS,
  { case: 'list', variant: 'free list', does: freeList },
  { case: 'list', variant: 'mutex and array', does: mutexList },
]
