// Whether the worker takes jobs, and if not, what is missing. Set by worker.ts, asked by health.ts
import type { Redis } from '@cohort/store'

const PING_MS = 1_000

type Check = () => Promise<string[]>

export class Readiness {
  #check: Check = () => Promise.resolve(['the worker is starting'])

  set(check: Check): void {
    this.#check = check
  }

  /** Sentences; none where the worker is ready. Never rejects. */
  async missing(): Promise<string[]> {
    try {
      return await this.#check()
    } catch (error) {
      return [String(error)]
    }
  }
}

/** Undefined where Redis answers; else a sentence, at the latest after a second. */
export async function redisMissing(redis: Pick<Redis, 'ping'>): Promise<string | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(() => resolve(`Redis has not answered within ${PING_MS} ms`), PING_MS)
  try {
    return await Promise.race([redis.ping().then(() => undefined), late])
  } catch (error) {
    return `Redis cannot be reached: ${String(error)}`
  } finally {
    clearTimeout(timer)
  }
}
