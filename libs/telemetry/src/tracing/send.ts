// The span of one job on its way to the queue: the child of its one sampled request, or linked to all of them.
import { SpanKind, TraceFlags, type Span, type Tracer } from '@opentelemetry/api'
import { ATTRIBUTES, SPANS } from '../span-names.js'
import { under } from './sampler.js'
import { recordError } from './spans.js'
import { writeMetadata } from './traceparent.js'
import type { SendSpan, SentJob } from './tracing.js'

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
  const metadata =
    first === undefined ? undefined : writeMetadata({ ...first.context, traceFlags: TraceFlags.NONE })
  return { metadata, end: () => {}, fail: () => {} }
}

function started(tracer: Tracer, job: SentJob, sampled: SentJob['requests']): Span {
  const { jobId, steps, together, requests, startMs } = job
  const isOnly = sampled.length === 1
  const links = isOnly ? [] : sampled.slice(0, MOST_LINKS).map(({ context }) => ({ context }))
  const attributes = {
    ...messaging('send', jobId),
    ...(together > 1 ? { 'messaging.batch.message_count': together } : {}),
    [ATTRIBUTES.steps]: steps,
    [ATTRIBUTES.requests]: requests.length,
  }
  const options = { kind: SpanKind.PRODUCER, startTime: startMs, links, attributes }
  return tracer.startSpan(SPANS.send, options, under(isOnly ? sampled[0]?.context : undefined))
}

/** What OpenTelemetry's conventions want of a message's span. */
export const messaging = (operation: 'send' | 'process', jobId?: string) => ({
  'messaging.system': 'bullmq',
  'messaging.destination.name': 'steps',
  'messaging.operation.name': operation,
  'messaging.operation.type': operation,
  ...(jobId === undefined ? {} : { 'messaging.message.id': jobId }),
})
