// Every interleaving of threads at the free list: no slot has two owners, none is lost, whatever comes back meanwhile.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FreeList } from '@cohort/cache'
import { TaglessList } from './broken.js'
import { explore, type Explored } from './explore.js'

interface List {
  take(): number | undefined
  giveBack(slot: number): void
}
type Listed = new (memory: SharedArrayBuffer, offset: number, slots: number) => List

const SLOTS = 3

/** Takes, takes again and gives the first one back: it and its link are then at the head once more. */
const takeTwoGiveBackOne = (list: List): unknown[] => {
  const [first, second] = [list.take(), list.take()]
  if (first !== undefined) list.giveBack(first)
  return [second]
}
const takeOne = (list: List): unknown[] => [list.take()]
const takeAndGiveBack = (list: List): unknown[] => {
  const slot = list.take()
  if (slot !== undefined) list.giveBack(slot)
  return []
}

/** What the threads still have and what is left in the list must be each slot once. */
function explored(List: Listed, threads: readonly ((list: List) => unknown[])[]): Explored {
  return explore({
    bytes: FreeList.bytes(SLOTS),
    threads: threads.map((does) => (memory) => does(new List(memory, 0, SLOTS))),
    check(results, memory) {
      const list = new List(memory, 0, SLOTS)
      const left = Array.from({ length: SLOTS + 1 }, () => list.take())
      const all = [...results, left].flat().filter((slot) => slot !== undefined)
      assert.deepEqual(all.sort(), [0, 1, 2])
    },
  })
}

const told = (t: { diagnostic(line: string): void }, { interleavings, states }: Explored) =>
  t.diagnostic(`${interleavings} interleavings, ${states} states`)

test('one thread takes while another makes A, B, A of the head', (t) => {
  told(t, explored(FreeList, [takeOne, takeTwoGiveBackOne]))
})

test('the checker finds A, B, A in a list without tags', () => {
  assert.throws(() => explored(TaglessList, [takeOne, takeTwoGiveBackOne]), /Expected values to be/)
})

test('two threads make A, B, A of each other', (t) => {
  told(t, explored(FreeList, [takeTwoGiveBackOne, takeTwoGiveBackOne]))
})

test('three threads take and give back', (t) => {
  told(t, explored(FreeList, [takeOne, takeAndGiveBack, takeAndGiveBack]))
})

test('two threads that give back the same slot: one of them is refused', (t) => {
  const giveBack = (memory: SharedArrayBuffer): boolean => {
    try {
      new FreeList(memory, 0, SLOTS).giveBack(0)
      return true
    } catch (error) {
      if (error instanceof Error && error.message.includes('not lent out')) return false
      throw error
    }
  }
  const found = explore({
    bytes: FreeList.bytes(SLOTS),
    prepare: (memory) => void new FreeList(memory, 0, SLOTS).take(),
    threads: [giveBack, giveBack],
    check: (results) => assert.deepEqual(results.toSorted(), [false, true]),
  })
  told(t, found)
})
