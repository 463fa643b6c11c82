// Pins a thread of its own for a moment, to see whether pinning works here. Next: trial-thread.ts
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Pinning } from './pin.js'

/** A thread starts in some ten milliseconds; on a machine that is busy, in some hundred. */
const TRIAL_MS = 3_000

/** tsc leaves this string as it is: it names the built file, beside this one. */
const THREAD_FILE = new URL('./trial-thread.js', import.meta.url)

/** No thread but the trial's own is touched, no CPU is claimed. Never rejects; the thread has ended then. */
export async function tryPinning(cpu: number): Promise<Pinning> {
  const thread = new Worker(THREAD_FILE, { workerData: cpu })
  try {
    const [pinning] = await once(thread, 'message', { signal: AbortSignal.timeout(TRIAL_MS) })
    return pinning as Pinning
  } catch (error) {
    return { pinned: false, reason: `a thread could not be tried: ${String(error)}` }
  } finally {
    await thread.terminate()
  }
}
