// A job that was done → the spans of its legs, and copies of them in the traces of its requests.
import type { Leg } from '@cohort/contracts'
import { SpanKind, type Span, type SpanContext, type Tracer } from '@opentelemetry/api'
import { attributesOf, SPANS, type Facts } from '../span-names.js'
import { MOST_COPIES } from './copies.js'
import { messaging } from './send.js'
import { pastSpan, under } from './spans.js'
import { isSampled, readTraceparent } from './traceparent.js'
import type { DoneJob, DoneTask } from './tracing.js'

/** A job whose rows are slow has a task a row: the first ones show what the others are like. */
const MOST_TASKS = 32

interface Processed {
  readonly span: Span
  /** Undefined of a job that came without a context. */
  readonly sender: SpanContext | undefined
}

export function legSpans(tracer: Tracer, { span, sender }: Processed, job: DoneJob): void {
  const own = span.spanContext()
  span.setAttributes(attributesOf({ ...job.facts, ...(sender === undefined ? queueOf(job) : {}) }))
  const { compute } = spansOf(tracer, { queue: sender, process: own }, job)
  if (compute !== undefined) taskSpans(tracer, compute, job.tasks)
  for (const traceparent of job.copiesTo.slice(0, MOST_COPIES)) {
    const request = readTraceparent(traceparent)
    if (request !== undefined && isSampled(request)) copy(tracer, { request, original: own }, job)
  }
}

/** A job without a sender begins its trace, and what was before that is no part of its span. */
function queueOf({ legs }: DoneJob): Facts {
  const queue = legs.find(({ leg }) => leg === 'queue')
  return queue === undefined ? {} : { queueMs: queue.toMs - queue.fromMs }
}

interface Parents {
  /** Undefined: no span is there that it could be under. */
  readonly queue: SpanContext | undefined
  readonly process: SpanContext
}

/** The queue is its sender's, what comes then is the job's. */
function spansOf(tracer: Tracer, parents: Parents, { legs, tasks }: DoneJob, facts: Facts = {}) {
  const made: Partial<Record<Leg, SpanContext>> = {}
  for (const { leg, fromMs, toMs } of legs) {
    const parent = leg === 'queue' ? parents.queue : parents.process
    if (parent === undefined) continue
    const more = leg === 'compute' ? { tasks: tasks.length } : {}
    const attributes = attributesOf({ ...facts, ...more })
    made[leg] = pastSpan(tracer, SPANS[leg], { under: under(parent), fromMs, toMs, attributes }).spanContext()
  }
  return made
}

function taskSpans(tracer: Tracer, compute: SpanContext, tasks: readonly DoneTask[]): void {
  const inside = under(compute)
  for (const { thread, rows, startMs, mappedMs, endMs } of tasks.slice(0, MOST_TASKS)) {
    const attributes = {
      'thread.id': thread.threadId,
      ...(thread.cpu === null ? {} : { 'cpu.logical_number': thread.cpu }),
      ...attributesOf({ steps: rows }),
    }
    const task = pastSpan(tracer, SPANS.task, { under: inside, fromMs: startMs, toMs: endMs, attributes })
    const within = under(task.spanContext())
    pastSpan(tracer, SPANS.map, { under: within, fromMs: startMs, toMs: mappedMs })
    pastSpan(tracer, SPANS.step, { under: within, fromMs: mappedMs, toMs: endMs, attributes })
  }
}

interface Copy {
  readonly request: SpanContext
  readonly original: SpanContext
}

function copy(tracer: Tracer, { request, original }: Copy, job: DoneJob): void {
  const isCopy: Facts = { copy: true }
  const process = pastSpan(tracer, SPANS.process, {
    under: under(request),
    kind: SpanKind.CONSUMER,
    fromMs: job.takenMs,
    toMs: job.endMs,
    attributes: { ...messaging('process'), ...attributesOf({ ...job.facts, ...isCopy }) },
    links: [{ context: original }],
  })
  spansOf(tracer, { queue: request, process: process.spanContext() }, job, isCopy)
}
