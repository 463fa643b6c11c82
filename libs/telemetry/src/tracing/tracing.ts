// What an app says of a request or a job, and gets spans for: numbers in, no span in its hands. Built by open.ts
import type { Leg } from '@cohort/contracts'
import type { Context } from '@opentelemetry/api'
import type { Facts } from '../span-names.js'

/** All times are milliseconds since 1970, on this process's clock but where another is named. */
export interface Tracing {
  /** At a request's head; whether the trace is recorded is decided here, once. */
  request(arrival: Arrival): RequestSpan
  /** Before a job is put on the queue. */
  send(job: SentJob): SendSpan
  /** For the consumer of the queue: each job taken becomes a span, nothing else does. */
  readonly jobs: JobTelemetry
  /** The span of the job that is being run by whoever asks; undefined where its trace is not recorded. */
  jobSpan(): JobSpan | undefined
  /** Spans that will never arrive, since the start. */
  spansLost(): number
  /** Sends what is left, for two seconds at most. Never rejects. */
  stop(): Promise<void>
}

export interface Arrival {
  readonly method: string
  /** With parameters by name, so that spans of one kind have one name; undefined where there is no such route. */
  readonly route: string | undefined
  readonly path: string
  readonly scheme: string
  readonly userAgent: string | undefined
  /** The caller's trace, if it has one: the headers of W3C Trace Context. */
  readonly traceparent: string | undefined
  readonly tracestate: string | undefined
  readonly startMs: number
}

export interface RequestSpan {
  /** It is recorded. Where it is not, nothing below costs anything. */
  readonly sampled: boolean
  /** Undefined where it is not recorded: such an id leads nowhere. */
  readonly traceId: string | undefined
  /** As in the headers of W3C Trace Context. */
  readonly traceparent: string
  readonly tracestate: string | undefined
  /** Calls with this span as the active one: what is logged meanwhile names it. */
  run(call: () => void): void
  /** A leg of the request. One without an end ends with the request. */
  leg(leg: Leg, fromMs: number, toMs?: number): void
  note(facts: Facts): void
  /** `status` undefined: the caller had gone before its answer. */
  end(status: number | undefined, endMs: number): void
}

export interface SentJob {
  readonly jobId: string
  readonly steps: number
  /** Jobs that are put on the queue in one go with it. */
  readonly together: number
  /** Those that have steps in it. */
  readonly requests: readonly RequestSpan[]
  readonly startMs: number
}

export interface SendSpan {
  /** What travels with the job, for BullMQ's telemetry at the other end; undefined: nothing. */
  readonly metadata: string | undefined
  end(endMs: number): void
  fail(error: unknown, endMs: number): void
}

/** The span of a job in a worker. Its time ends as it is told here, not when BullMQ has put the job away. */
export interface JobSpan {
  readonly traceId: string
  done(job: DoneJob): void
  fail(error: unknown, endMs: number): void
}

/** A job that was run to its end, in numbers. */
export interface DoneJob {
  readonly takenMs: number
  /** The queue, where its time is known, and the legs of the worker. */
  readonly legs: readonly { readonly leg: Leg; readonly fromMs: number; readonly toMs: number }[]
  readonly endMs: number
  readonly tasks: readonly DoneTask[]
  readonly facts: Facts
  /** traceparents of the sampled requests that are to have the legs in their own traces; the first few have. */
  readonly copiesTo: readonly string[]
}

export interface DoneTask {
  readonly thread: { readonly threadId: number; readonly cpu: number | null }
  readonly rows: number
  readonly startMs: number
  readonly mappedMs: number
  readonly endMs: number
}

/** BullMQ's telemetry interface, as much of it as a Worker uses. This library does not import BullMQ. */
export interface JobTelemetry {
  readonly tracer: {
    startSpan(name: string, options?: { readonly kind: number }, parent?: Context): OperationSpan
  }
  readonly contextManager: {
    with<Call extends (...args: never[]) => unknown>(of: Context, call: Call): ReturnType<Call>
    active(): Context
    root(): Context
    getMetadata(of: Context): string
    fromMetadata(active: Context, metadata: string): Context
  }
}

export interface OperationSpan {
  setSpanOnContext(of: Context): Context
  setAttribute(key: string, value: unknown): void
  setAttributes(attributes: Readonly<Record<string, unknown>>): void
  addEvent(name: string, attributes?: Readonly<Record<string, unknown>>): void
  recordException(exception: unknown): void
  end(): void
}
