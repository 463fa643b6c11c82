// A thread of the free list's stress test: takes slots, marks them as its own, gives them back. Started by its test
import { parentPort, workerData } from 'node:worker_threads'
import { FreeList } from '../free-list.js'

export interface ListPart {
  readonly buffer: SharedArrayBuffer
  readonly slots: number
  /** Where each slot's owner is written, in bytes. */
  readonly owners: number
  readonly me: number
  readonly times: number
}

const { buffer, slots, owners, me, times } = workerData as ListPart
const list = new FreeList(buffer, 0, slots)
const ownerOf = new Int32Array(buffer, owners, slots)
const mine: number[] = []
let faults = 0
let taken = 0
for (let time = 0; time < times; time++) {
  // Up to three at once, so that slots come back in another order.
  const slot = mine.length < 3 ? list.take() : undefined
  if (slot === undefined) giveBack(mine.shift())
  else {
    taken++
    mine.push(slot)
    faults += Number(Atomics.compareExchange(ownerOf, slot, 0, me) !== 0)
  }
}
for (const slot of mine) giveBack(slot)
parentPort?.postMessage({ faults, taken })

function giveBack(slot: number | undefined): void {
  if (slot === undefined) return
  faults += Number(Atomics.compareExchange(ownerOf, slot, me, 0) !== me)
  list.giveBack(slot)
}
