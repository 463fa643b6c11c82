// Records from one thread to another: the ring, a queue behind a mutex, and postMessage. Used by work.ts
import { Ring } from '@cohort/threads/sync'
import { Mutex } from './mutex.js'
import type { Task, Variant } from './variant.js'

const SHAPE = { records: 1024, fields: 4 }
const OFFSET = 1024
const RECORDS = OFFSET + 64

interface Queue {
  push(record: Float64Array): boolean
  pop(into: Float64Array): boolean
}

/** Of one thread: a push and a pop each time. Of two: one pushes, the other pops, and both try again. */
function pass({ me, threads, times }: Task, queue: Queue): number {
  const record = new Float64Array(SHAPE.fields)
  const nap = new Int32Array(new SharedArrayBuffer(4))
  let right = 0
  for (let time = 0; time < times; time++) {
    if (me === 0) until(() => queue.push(record.fill(time)), nap)
    if (me === 1 || threads === 1) until(() => queue.pop(record), nap)
    right += Number(record[0] === time && record[SHAPE.fields - 1] === time)
  }
  return right
}

/** Sleeps for a little where a thousand tries were in vain, for the other one may need the core. */
function until(done: () => boolean, nap: Int32Array): void {
  for (let tries = 1; !done(); tries++) if (tries % 1000 === 0) Atomics.wait(nap, 0, 0, 0.1)
}

function mutexQueue({ buffer }: Task): Queue {
  const words = new Int32Array(buffer, OFFSET, 16)
  const mutex = new Mutex(words, 0)
  const records = new Float64Array(buffer, RECORDS, SHAPE.records * SHAPE.fields)
  const within = (does: () => boolean): boolean => {
    mutex.lock()
    const done = does()
    mutex.unlock()
    return done
  }
  const placeOf = (count: number) => (count % SHAPE.records) * SHAPE.fields
  return {
    push: (record) =>
      within(() => {
        if (words[2] - words[1] === SHAPE.records) return false
        records.set(record, placeOf(words[2]++))
        return true
      }),
    pop: (into) =>
      within(() => {
        if (words[2] === words[1]) return false
        const from = placeOf(words[1]++)
        for (let field = 0; field < SHAPE.fields; field++) into[field] = records[from + field]
        return true
      }),
  }
}

/** The first one posts, the second one hears. */
async function post({ me, times, port }: Task): Promise<number> {
  if (me === 0) {
    for (let time = 0; time < times; time++) port.postMessage(new Float64Array(SHAPE.fields).fill(time))
    return times
  }
  let heard = 0
  let right = 0
  return new Promise((resolve) => {
    port.on('message', (record: Float64Array) => {
      right += Number(record[0] === heard && record[SHAPE.fields - 1] === heard)
      if (++heard === times) resolve(right)
    })
  })
}

export const RINGS: readonly Variant[] = [
  {
    case: 'ring',
    variant: 'ring',
    pair: true,
    does: (task) => pass(task, new Ring({ buffer: task.buffer, offset: OFFSET }, SHAPE)),
  },
  { case: 'ring', variant: 'mutex and array', does: (task) => pass(task, mutexQueue(task)), pair: true },
  { case: 'ring', variant: 'postMessage', does: post, pair: true, neverAlone: true },
]
