// Builds pools for the tests, which end with the test. Used by ../pool.test.ts, ../heal.test.ts
import { EventEmitter, once } from 'node:events'
import type { TestContext } from 'node:test'
import { Pool, type PoolOptions, type ThreadEvent } from '../pool/pool.js'
import { GATE, LOG } from './places.js'
import type { TestData, TestTask } from './thread.js'

declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => TestData['memory']
}

export interface TestPool {
  readonly pool: Pool<TestTask, number>
  readonly shared: Int32Array
  /** Resolves with the next event of this kind. */
  next(kind: ThreadEvent['kind']): Promise<ThreadEvent>
  openGate(): void
  logged(): number[]
}

interface TestPoolOptions extends Partial<PoolOptions<TestData>> {
  readonly start?: TestData['start']
}

export async function testPool(
  t: TestContext,
  { start = 'well', ...options }: TestPoolOptions = {},
): Promise<TestPool> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })
  const shared = new Int32Array(memory.buffer)
  const events = new EventEmitter()
  const openGate = () => {
    Atomics.store(shared, GATE, 1)
    Atomics.notify(shared, GATE)
  }
  const pool = await Pool.start<TestTask, number>({
    filename: new URL('./thread.js', import.meta.url),
    threads: 1,
    cpus: [],
    workerData: { memory, start },
    onEvent: (event) => events.emit(event.kind, event),
    ...options,
  })
  t.after(() => {
    openGate()
    return pool.stop()
  })
  return {
    pool,
    shared,
    next: async (kind) => (await once(events, kind))[0] as ThreadEvent,
    openGate,
    logged: () => [...shared.subarray(LOG + 1, LOG + 1 + (shared[LOG] ?? 0))],
  }
}
