// What a caller may set, once for a client and for each call.

export interface CohortOptions {
  /** Where the producer is, e.g. `http://127.0.0.1:3000`. A path is kept, so a prefix of a proxy works. */
  readonly url: string
  /**
   * What sends the requests; the platform's `fetch` where left out. Must resolve for every HTTP status, as
   * `fetch` does.
   */
  readonly fetch?: typeof fetch
  /** Sent with every request, e.g. `{ authorization: 'Bearer …' }`. None by default. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * How long one attempt may take before it counts as unreachable, milliseconds; 10,000 by default. The
   * time for which a call asked the producer to wait comes on top.
   */
  readonly timeoutMs?: number
  /**
   * How often a call is tried again after a transient error (overloaded, not ready, unreachable, an answer
   * that broke off); 4 by default, 0 for never. The pauses double from 100 ms to 5 s, with jitter, and are
   * never shorter than the producer's Retry-After. Only calls that may be repeated are: all of this SDK
   * may, since steps carry a key.
   */
  readonly retries?: number
  /**
   * A Retry-After longer than this is not waited for: the error is thrown at once. Milliseconds; 30,000 by
   * default.
   */
  readonly maxPauseMs?: number
}

export interface CallOptions {
  /**
   * Ends the call, its retries and its polling: it then rejects with the signal's reason. What was queued
   * still runs.
   */
  readonly signal?: AbortSignal
}
