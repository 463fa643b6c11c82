// How many spans will never arrive, and why: each counted once, told in the log before long, but seldom. See export.ts
import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import type { Log } from '../log.js'

/** The first loss is seldom the only one: the line waits for those that come with it. */
const SOON_MS = 1000
/** While nobody listens at the endpoint, the log says so twice a minute. */
const SAY_EVERY_MS = 30_000

export type Why =
  | 'the collector did not take them'
  | 'too many waited (OTEL_BSP_MAX_QUEUE_SIZE)'
  | 'there was no time at the end'

export interface LostSpans {
  /** Since the start. */
  readonly total: number
  add(spans: number, why: Why, error?: unknown): void
  /** Tells what is not told yet: nobody will later. */
  close(): void
}

export function openLostSpans(log: Pick<Log, 'warn'>, to: string): LostSpans {
  let [total, told] = [0, 0]
  let error: unknown
  let timer: NodeJS.Timeout | undefined
  const why = new Set<Why>()
  const tell = () => {
    clearTimeout(timer)
    timer = undefined
    if (total === told) return
    const fields = { spans: total - told, to, why: [...why], ...(error === undefined ? {} : { error }) }
    told = total
    error = undefined
    why.clear()
    outOfTraces(() => log.warn('spans could not be sent and are lost', fields))
    timer = setTimeout(tell, SAY_EVERY_MS).unref()
  }
  return {
    get total() {
      return total
    },
    add(spans, reason, of) {
      if (spans === 0) return
      total += spans
      why.add(reason)
      error = of ?? error
      timer ??= setTimeout(tell, SOON_MS).unref()
    },
    close() {
      tell()
      clearTimeout(timer)
    },
  }
}

/** Whoever loses a span, or sends it, does so in the context of some request, which has no part in it. */
export const outOfTraces = (say: () => void): void => context.with(ROOT_CONTEXT, say)
