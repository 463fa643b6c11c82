// Threads that use one shared structure at once, for the stress tests. Used by the tests of ../sync
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Place } from '../sync/place.js'

export interface Part {
  readonly does: 'count' | 'push' | 'publish' | 'read' | 'write'
  readonly thread: number
  readonly times: number
}

export const COUNTERS = { threads: 3, counters: 3 }
export const RING = { records: 8, fields: 3 }
export const TABLE_VALUES = 4

/** Not at the beginning of the memory, as it is when it is used. */
export const placeOf = (bytes: number): Place => ({ buffer: new SharedArrayBuffer(128 + bytes), offset: 128 })

/** What each thread says when it has done its part; `place` is worked on here meanwhile. */
export async function together(place: Place, parts: readonly Omit<Part, 'thread'>[]): Promise<number[]> {
  const answers = parts.map(async (part, thread) => {
    const worker = new Worker(new URL('./sharing-thread.js', import.meta.url), {
      workerData: { place, part: { ...part, thread } },
    })
    const [answer] = (await once(worker, 'message')) as [number]
    return answer
  })
  return Promise.all(answers)
}
