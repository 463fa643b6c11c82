// BullMQ's telemetry interface, as much of it as a Worker uses: of all its operations only `process` becomes a span.
import {
  context,
  createContextKey,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import { nowMs } from '../clock.js'
import { ATTRIBUTES, SPANS } from '../span-names.js'
import { legSpans } from './leg-spans.js'
import type { Recording } from './sampler.js'
import { messaging } from './send.js'
import { recordError, under } from './spans.js'
import { isSampled, readMetadata } from './traceparent.js'
import type { JobSpan, JobTelemetry, OperationSpan } from './tracing.js'

export const openJobTelemetry = (recording: Recording): JobTelemetry => ({
  tracer: {
    startSpan: (_name, options, parent) =>
      options?.kind === SpanKind.CONSUMER ? startProcess(recording, parent) : NO_SPAN,
  },
  contextManager: {
    with<Call extends (...args: never[]) => unknown>(of: Context, call: Call) {
      const run = call as unknown as () => ReturnType<Call>
      // Most operations are nobody's, where nobody's is done already: nothing need be entered for them.
      return of === context.active() ? run() : context.with(of, run)
    },
    active: () => context.active(),
    root: () => ROOT_CONTEXT,
    // Asked for before a job is put back: it keeps the context that it came with, and each attempt its parent.
    getMetadata: () => '',
    fromMetadata(_active, metadata) {
      const sender = readMetadata(metadata)
      return sender === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, sender)
    },
  },
})

const PROCESS = createContextKey('cohort: the job that is run')

export const activeJob = (): JobSpan | undefined => context.active().getValue(PROCESS) as JobSpan | undefined

/** Waiting for jobs, renewing locks, looking for stalled jobs, closing: nobody's request, and no end of spans. */
const NO_SPAN: OperationSpan = {
  setSpanOnContext: (of) => of,
  setAttribute: () => {},
  setAttributes: () => {},
  addEvent: () => {},
  recordException: () => {},
  end: () => {},
}

/** A job of a trace that nobody records: it is run outside of any. */
const UNRECORDED: OperationSpan = { ...NO_SPAN, setSpanOnContext: () => ROOT_CONTEXT }

/** The sender's decision stands. A job that came without a context is a trace of its own, sampled as a request is. */
function startProcess({ tracer, records }: Recording, parent: Context | undefined): OperationSpan {
  const sender = parent === undefined ? undefined : trace.getSpanContext(parent)
  if (sender === undefined ? !records(undefined) : !isSampled(sender)) return UNRECORDED
  const attributes = messaging('process')
  const options = { kind: SpanKind.CONSUMER, startTime: nowMs(), attributes }
  return processSpan(tracer, tracer.startSpan(SPANS.process, options, under(sender)), sender)
}

/** BullMQ's names for what the conventions, or we, have another one for; the rest of what it says is not kept. */
const NAMES: Readonly<Record<string, string>> = {
  'bullmq.job.id': 'messaging.message.id',
  'bullmq.job.attempts.made': ATTRIBUTES.attempts,
}

function processSpan(tracer: Tracer, span: Span, sender: Parameters<typeof under>[0]): OperationSpan {
  let endMs: number | undefined
  let hasFailed = false
  const fail = (error: unknown, atMs: number) => {
    if (hasFailed) return
    hasFailed = true
    endMs = atMs
    recordError(span, error, atMs)
  }
  const job: JobSpan = {
    traceId: span.spanContext().traceId,
    done(done) {
      endMs = done.endMs
      legSpans(tracer, { span, sender }, done)
    },
    fail,
  }
  return {
    setSpanOnContext: (of) => trace.setSpan(of, span).setValue(PROCESS, job),
    setAttribute: (key, value) => note(span, { [key]: value }),
    setAttributes: (attributes) => note(span, attributes),
    addEvent(name, attributes) {
      // How a job ends that BullMQ itself ended: one that was started too often never came to be run.
      if (name === 'job failed') fail(attributes?.['bullmq.job.failed.reason'], nowMs())
    },
    recordException: (error) => fail(error, nowMs()),
    end: () => span.end(endMs ?? nowMs()),
  }
}

function note(span: Span, attributes: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(attributes)) {
    const name = NAMES[key]
    if (name !== undefined && (typeof value === 'string' || typeof value === 'number'))
      span.setAttribute(name, value)
  }
}
