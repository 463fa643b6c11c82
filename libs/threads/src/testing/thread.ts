// A pool's file for the tests: tasks that answer, fail, wait or kill their thread. Started by test-pool.ts
import { CohortError } from '@cohort/contracts'
import { enterThread } from '../pool/enter-thread.js'
import { ENTERED, GATE, LOG, REFUSE_TO_START, SPIN_ON } from './places.js'

export interface TestData {
  readonly memory: { readonly buffer: SharedArrayBuffer }
  /** What happens to a thread as it starts, besides what the memory says. */
  readonly start: 'well' | 'throws' | 'stalls'
}

export type TestTask =
  | { readonly does: 'echo' | 'throw' | 'refuse' | 'exit' | 'crash'; readonly value: number }
  /** Writes its value behind those of the tasks before it. */
  | { readonly does: 'log'; readonly value: number }
  /** Runs and never ends; fills the heap until there is no more. */
  | { readonly does: 'spin' | 'hog'; readonly value: number }
  /** Is busy for so many milliseconds. */
  | { readonly does: 'busy'; readonly value: number }
  /** Waits until the gate is opened. */
  | { readonly does: 'wait'; readonly value: number }

export default enterThread<TestData, TestTask, number>(({ memory, start }) => {
  const shared = new Int32Array(memory.buffer)
  if (start === 'throws' || Atomics.load(shared, REFUSE_TO_START) !== 0) throw new Error('told not to start')
  if (start === 'stalls') Atomics.wait(shared, GATE, 0)
  return ({ does, value }) => {
    if (does === 'throw') throw new RangeError(`value ${value}`)
    if (does === 'refuse') throw new CohortError('poisoned_state', `value ${value}`)
    if (does === 'exit') process.exit(value)
    if (does === 'log') shared[LOG + 1 + Atomics.add(shared, LOG, 1)] = value
    if (does === 'spin') for (;;) if (Atomics.load(shared, SPIN_ON) !== 0) break
    if (does === 'busy') for (const end = performance.now() + value; performance.now() < end;);
    if (does === 'hog')
      for (const kept: number[][] = []; ;) kept.push(Array.from({ length: 10_000 }, () => kept.length))
    if (does === 'wait') {
      Atomics.add(shared, ENTERED, 1)
      Atomics.wait(shared, GATE, 0)
    }
    if (does === 'crash') {
      queueMicrotask(() => {
        throw new Error('crashed')
      })
    }
    return value
  }
})
