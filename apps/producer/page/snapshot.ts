// What the live page is sent each second: the producer writes it, the page reads it. Types alone.

export interface Snapshot {
  readonly now: Point
  readonly requests: RequestsSeen
  /** This producer's steps that have no answer yet, and at how many more are refused with 429. */
  readonly waiting: { readonly steps: number; readonly limit: number }
  /** Undefined while Redis does not answer. */
  readonly system?: SystemSeen
  /** What was sent in the minute before: in the first message to each page alone. */
  readonly minute?: readonly Point[]
}

/** Requests for steps of this producer that ended in the last seconds. */
export interface RequestsSeen {
  readonly seconds: number
  readonly ended: number
  /** Those whose caller waited. */
  readonly waited: number
  /** In the order of the way; each the mean of all that ended. Empty where none did. */
  readonly legs: readonly LegSeen[]
}

/** Of the latency in milliseconds of the requests that waited, right to a hundredth. */
export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

export interface LegSeen {
  readonly leg: string
  readonly meanMs: number
}

/** What all producers and workers share. */
export interface SystemSeen {
  readonly queue: QueueSeen
  readonly workers: readonly WorkerSeen[]
}

export interface QueueSeen {
  /** Jobs that wait for a worker, those put off for another try among them. */
  readonly waiting: number
  /** In workers' hands. */
  readonly active: number
  /** How long the oldest that waits has been waiting; 0 where none waits. */
  readonly oldestMs: number
}

export interface WorkerSeen {
  readonly id: string
  readonly host: string
  readonly pid: number
  /** Applied since it started. */
  readonly steps: number
  /** Undefined until it has been heard of twice. */
  readonly stepsPerSecond?: number
  readonly threads: readonly ThreadSeen[]
}

export interface ThreadSeen {
  /** The core that it is pinned to; null where it is not. */
  readonly cpu: number | null
  /** Part of the time that it computed, 0 to 1; undefined until it has been heard of twice. */
  readonly busy?: number
}

/** What the charts over a minute are made of. No percentiles where no request waited. */
export interface Point extends Partial<Percentiles> {
  /** Milliseconds since 1970, on the producer's clock. */
  readonly atMs: number
  /** Applied by all workers; undefined where none has been heard of twice. */
  readonly stepsPerSecond?: number
}
