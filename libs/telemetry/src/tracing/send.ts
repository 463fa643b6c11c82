// The span of one job on its way to the queue: the child of its one sampled request, or linked to all of them.
import { SpanKind, TraceFlags, type Span, type SpanContext, type Tracer } from '@opentelemetry/api'
import { attributesOf, SPANS } from '../span-names.js'
import { recordError, under } from './spans.js'
import { readTraceparent, writeMetadata } from './traceparent.js'
import type { RequestSpan, SendSpan, SentJob } from './tracing.js'

/** More links than viewers show, and 128 is what the SDK keeps. */
const MOST_LINKS = 128

export function openSend(tracer: Tracer, job: SentJob): SendSpan {
  const sampled = job.requests.filter((request) => request.sampled)
  if (sampled.length === 0) return unrecorded(job)
  const span = started(tracer, job, sampled)
  return {
    metadata: writeMetadata(span.spanContext()),
    end: (endMs) => span.end(endMs),
    fail(error, endMs) {
      recordError(span, error, endMs)
      span.end(endMs)
    },
  }
}

/** The context of one of its requests goes along, not recorded, so that the worker begins no trace of its own. */
function unrecorded({ requests: [first] }: SentJob): SendSpan {
  const of = first === undefined ? undefined : contextOf(first)
  const metadata = of === undefined ? undefined : writeMetadata({ ...of, traceFlags: TraceFlags.NONE })
  return { metadata, end: () => {}, fail: () => {} }
}

function started(tracer: Tracer, job: SentJob, sampled: SentJob['requests']): Span {
  const { jobId, steps, together, requests, startMs } = job
  const isOnly = sampled.length === 1
  const contexts = sampled.slice(0, MOST_LINKS).flatMap((request) => contextOf(request) ?? [])
  const links = isOnly ? [] : contexts.map((context) => ({ context }))
  const attributes = {
    ...messaging('send', jobId),
    ...(together > 1 ? { 'messaging.batch.message_count': together } : {}),
    ...attributesOf({ steps, requests: requests.length }),
  }
  const options = { kind: SpanKind.PRODUCER, startTime: startMs, links, attributes }
  return tracer.startSpan(SPANS.send, options, under(isOnly ? contexts[0] : undefined))
}

/** Of a request of this process, though it is read from its headers. */
function contextOf({ traceparent, tracestate }: RequestSpan): SpanContext | undefined {
  const context = readTraceparent(traceparent, tracestate)
  return context === undefined ? undefined : { ...context, isRemote: false }
}

/** What OpenTelemetry's conventions want of a message's span. */
export const messaging = (operation: 'send' | 'process', jobId?: string) => ({
  'messaging.system': 'bullmq',
  'messaging.destination.name': 'steps',
  'messaging.operation.name': operation,
  'messaging.operation.type': operation,
  ...(jobId === undefined ? {} : { 'messaging.message.id': jobId }),
})
