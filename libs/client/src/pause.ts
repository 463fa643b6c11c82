// How long to wait: between two attempts of a call, and between two looks at a batch.

const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5_000
const FIRST_POLL_MS = 20
const LONGEST_POLL_MS = 500
const POLL_GROWTH = 1.5

/**
 * Before attempt `attempt` + 1: doubling, and half of it by chance so that many clients do not come back at
 * once; never shorter than what the server asked for. `random` in [0, 1).
 */
export function retryPauseMs(attempt: number, retryAfterMs: number | undefined, random: number): number {
  const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1))
  return Math.max(longest * (0.5 + random / 2), retryAfterMs ?? 0)
}

/** After the `looks`-th look: short at first, since most batches take milliseconds. */
export const pollPauseMs = (looks: number): number =>
  Math.min(LONGEST_POLL_MS, FIRST_POLL_MS * POLL_GROWTH ** (looks - 1))

/** Resolves after `ms`, or rejects with the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
