// A job that was done → the spans of its legs, and copies of them in the traces of its requests.
import { SpanKind, type Span, type SpanContext, type Tracer } from '@opentelemetry/api'
import { ATTRIBUTES, SPANS } from '../span-names.js'
import { under } from './sampler.js'
import { messaging } from './send.js'
import { pastSpan } from './spans.js'
import { isSampled, readTraceparent } from './traceparent.js'
import type { DoneJob, DoneTask, JobFacts } from './tracing.js'

/** A job of 4,096 requests with nine spans each would hold the main thread for 80 ms. */
const MOST_COPIES = 32
/** A job whose rows are slow has a task a row: the first ones show what the others are like. */
const MOST_TASKS = 32

interface Processed {
  readonly span: Span
  /** Undefined of a job that came without a context. */
  readonly sender: SpanContext | undefined
}

export function legSpans(tracer: Tracer, { span, sender }: Processed, job: DoneJob): void {
  const own = span.spanContext()
  span.setAttributes(attributesOf(job.facts))
  queueSpan(tracer, sender ?? own, job)
  for (const { leg, context } of workerLegs(tracer, own, job))
    if (leg === 'compute') taskSpans(tracer, context, job.tasks)
  for (const traceparent of job.copiesTo.slice(0, MOST_COPIES)) {
    const request = readTraceparent(traceparent)
    if (request !== undefined && isSampled(request)) copy(tracer, { request, original: own }, job)
  }
}

const attributesOf = (facts: JobFacts) => ({
  [ATTRIBUTES.model]: facts.model,
  [ATTRIBUTES.steps]: facts.steps,
  [ATTRIBUTES.failedSteps]: facts.failedSteps,
  [ATTRIBUTES.requests]: facts.requests,
  [ATTRIBUTES.batches]: [...facts.batches],
  [ATTRIBUTES.outcome]: facts.outcome,
  [ATTRIBUTES.tries]: facts.tries,
  [ATTRIBUTES.lockWaitMs]: facts.lockWaitMs,
})

const takenMs = ({ legs, endMs }: DoneJob): number => legs[0]?.fromMs ?? endMs

/** Two machines, two clocks: a job that was taken before it was added took no time on the queue. */
function queueSpan(tracer: Tracer, parent: SpanContext, job: DoneJob, attributes = {}): void {
  const toMs = takenMs(job)
  const fromMs = Math.min(job.addedMs, toMs)
  pastSpan(tracer, SPANS.queue, { under: under(parent), fromMs, toMs, attributes })
}

function workerLegs(tracer: Tracer, parent: SpanContext, { legs, tasks, endMs }: DoneJob, attributes = {}) {
  const inside = under(parent)
  return legs.map(({ leg, fromMs }, at) => {
    const toMs = legs[at + 1]?.fromMs ?? endMs
    const more = leg === 'compute' ? { [ATTRIBUTES.tasks]: tasks.length } : {}
    const span = pastSpan(tracer, SPANS[leg], {
      under: inside,
      fromMs,
      toMs,
      attributes: { ...attributes, ...more },
    })
    return { leg, context: span.spanContext() }
  })
}

function taskSpans(tracer: Tracer, compute: SpanContext, tasks: readonly DoneTask[]): void {
  const inside = under(compute)
  for (const { thread, rows, startMs, mappedMs, endMs } of tasks.slice(0, MOST_TASKS)) {
    const attributes = {
      'thread.id': thread.threadId,
      ...(thread.cpu === null ? {} : { 'cpu.logical_number': thread.cpu }),
      [ATTRIBUTES.steps]: rows,
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
  const isCopy = { [ATTRIBUTES.copy]: true }
  queueSpan(tracer, request, job, isCopy)
  const process = pastSpan(tracer, SPANS.process, {
    under: under(request),
    kind: SpanKind.CONSUMER,
    fromMs: takenMs(job),
    toMs: job.endMs,
    attributes: { ...messaging('process'), ...attributesOf(job.facts), ...isCopy },
    links: [{ context: original }],
  })
  workerLegs(tracer, process.spanContext(), job, isCopy)
}
