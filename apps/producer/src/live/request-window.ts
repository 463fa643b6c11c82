// The last seconds of this producer's requests: percentiles of their latency and where their time went.
import { LEGS } from '@cohort/contracts'
import type { Percentiles, RequestsSeen } from '../../page/snapshot.js'
import type { BatchEnd, StepsObserver } from '../steps/observer.js'

const SECONDS = 10
const RANKS = { p50: 0.5, p95: 0.95, p99: 0.99 } as const

/** Buckets 2 % wide, from 10 µs to 20 minutes: their middle is right to a hundredth. */
const LEAST_MS = 0.01
const WIDTH = Math.log(1.02)
const BUCKETS = 940

/** One second. */
interface Slot {
  second: number
  ended: number
  waited: number
  readonly legMs: Float64Array
  readonly latencies: Uint32Array
}

/** Its size does not depend on how many requests there are. */
export class RequestWindow implements Pick<StepsObserver, 'ended'> {
  readonly #slots: readonly Slot[] = Array.from({ length: SECONDS }, () => ({
    second: -1,
    ended: 0,
    waited: 0,
    legMs: new Float64Array(LEGS.length),
    latencies: new Uint32Array(BUCKETS),
  }))

  ended({ legs, atMs, waited }: BatchEnd): void {
    const slot = this.#slotAt(Math.floor(atMs / 1000))
    let totalMs = 0
    for (const [i, leg] of LEGS.entries()) {
      slot.legMs[i] = (slot.legMs[i] ?? 0) + legs[leg]
      totalMs += legs[leg]
    }
    slot.ended += 1
    if (!waited) return
    slot.waited += 1
    const bucket = bucketOf(totalMs)
    slot.latencies[bucket] = (slot.latencies[bucket] ?? 0) + 1
  }

  /** No latency where no request waited. */
  look(nowMs: number): { readonly requests: RequestsSeen; readonly latencyMs?: Percentiles } {
    const second = Math.floor(nowMs / 1000)
    const slots = this.#slots.filter((slot) => slot.second > second - SECONDS && slot.second <= second)
    const ended = sum(slots.map((slot) => slot.ended))
    const waited = sum(slots.map((slot) => slot.waited))
    const meanOf = (i: number) => sum(slots.map(({ legMs }) => legMs[i] ?? 0)) / ended
    const legs = ended === 0 ? [] : LEGS.map((leg, i) => ({ leg, meanMs: meanOf(i) }))
    const requests = { seconds: SECONDS, ended, waited, legs }
    return waited === 0 ? { requests } : { requests, latencyMs: percentiles(slots, waited) }
  }

  #slotAt(second: number): Slot {
    const slot = this.#slots[second % SECONDS] as Slot
    if (slot.second === second) return slot
    slot.second = second
    slot.ended = 0
    slot.waited = 0
    slot.legMs.fill(0)
    slot.latencies.fill(0)
    return slot
  }
}

const bucketOf = (ms: number): number =>
  Math.min(BUCKETS - 1, Math.max(0, Math.floor(Math.log(ms / LEAST_MS) / WIDTH)))

const middleOf = (bucket: number): number => LEAST_MS * Math.exp((bucket + 0.5) * WIDTH)

/** The least latency that at least that part of the requests did not pass. */
function percentiles(slots: readonly Slot[], waited: number): Percentiles {
  const found = { p50: 0, p95: 0, p99: 0 }
  const names = Object.keys(RANKS) as (keyof Percentiles)[]
  let seen = 0
  for (let bucket = 0; bucket < BUCKETS && names.length > 0; bucket += 1) {
    for (const { latencies } of slots) seen += latencies[bucket] ?? 0
    while (names[0] !== undefined && seen >= RANKS[names[0]] * waited)
      found[names.shift() ?? 'p99'] = middleOf(bucket)
  }
  return found
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)
