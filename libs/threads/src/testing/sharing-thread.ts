// A thread of the stress tests: does its part on a shared structure and posts what it saw. Started by sharing.ts
import { parentPort, workerData } from 'node:worker_threads'
import { Counters } from '../sync/counters.js'
import type { Place } from '../sync/place.js'
import { ReadWriteLock } from '../sync/read-write-lock.js'
import { Ring } from '../sync/ring.js'
import { SequenceLock } from '../sync/sequence-lock.js'
import { COUNTERS, RING, TABLE_VALUES, type Part } from './sharing.js'

/** A producer that found no room lets the consumer run for a little. */
const NAP = new Int32Array(new SharedArrayBuffer(4))
const nap = () => Atomics.wait(NAP, 0, 0, 1)

const PARTS: Readonly<Record<Part['does'], (place: Place, part: Part) => number>> = {
  count(place, { thread, times }) {
    const writer = new Counters(place, COUNTERS).writer(thread)
    for (let time = 0; time < times; time++) writer.add(time % COUNTERS.counters, 0.5)
    return times
  },
  push(place, { times }) {
    const ring = new Ring(place, RING)
    let pushed = 0
    for (let time = 0; time < times; time++) {
      if (ring.push([pushed, pushed * 3, -pushed])) pushed++
      else nap()
    }
    return pushed
  },
  publish(place, { times }) {
    const table = new SequenceLock(place, TABLE_VALUES)
    for (let time = 1; time <= times; time++) table.write(new Float64Array(TABLE_VALUES).fill(time / 3))
    return times
  },
  /** Both words behind the lock are changed one after the other, plainly. */
  write(place, { times }) {
    const [lock, guarded] = behind(place)
    for (let time = 0; time < times; time++) {
      lock.lockWrite()
      guarded[0] = (guarded[0] ?? 0) + 1
      guarded[1] = (guarded[1] ?? 0) + 1
      lock.unlockWrite()
    }
    return times
  },
  /** How often the two words differed: never. */
  read(place, { times }) {
    const [lock, guarded] = behind(place)
    let torn = 0
    for (let time = 0; time < times; time++) {
      lock.lockRead()
      torn += Number(guarded[0] !== guarded[1])
      lock.unlockRead()
    }
    return torn
  },
}

function behind(place: Place): [ReadWriteLock, Int32Array] {
  const guarded = new Int32Array(place.buffer, place.offset + ReadWriteLock.bytes(), 2)
  return [new ReadWriteLock(place, { bound: 4 }), guarded]
}

const { place, part } = workerData as { place: Place; part: Part }
parentPort?.postMessage(PARTS[part.does](place, part))
