// A promise with a time limit: Redis may take as long as it is away.
import { CohortError } from '@cohort/contracts'

/** Rejects with `redis_unavailable` after `ms`; what was asked for may still happen. */
export async function inTime<T>(ms: number, what: string, answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new CohortError('redis_unavailable', `${what}: no answer after ${ms} ms`)),
    ms,
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
