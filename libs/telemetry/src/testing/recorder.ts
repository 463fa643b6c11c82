// For tests: a tracer of the real SDK whose finished spans stay in memory, and numbers for requests and jobs.
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace'
import { recordsOf } from '../tracing/sampler.js'
import type { TracingSettings } from '../tracing/settings.js'
import type { Arrival, DoneJob } from '../tracing/tracing.js'

export function aRecorder(sampler: TracingSettings['sampler'] = 'parentbased_always_on', ratio = 1) {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  })
  const tracer = provider.getTracer('test')
  return {
    tracer,
    recording: { tracer, records: recordsOf({ sampler, ratio }) },
    spans: (): readonly ReadableSpan[] => exporter.getFinishedSpans(),
    named: (name: string): readonly ReadableSpan[] =>
      exporter.getFinishedSpans().filter((span) => span.name === name),
  }
}

/** A time of day: the SDK takes smaller numbers for times since the process started. */
export const DAY_MS = 1_700_000_000_000

export const TRACE = '0af7651916cd43dd8448eb211c80319c'
export const traceparent = (span: number, flags: '00' | '01' = '01'): string =>
  `00-${TRACE}-${span.toString(16).padStart(16, '0')}-${flags}`

export const anArrival = (more: Partial<Arrival> = {}): Arrival => ({
  method: 'POST',
  route: '/v1/steps',
  path: '/v1/steps',
  scheme: 'http',
  userAgent: undefined,
  traceparent: undefined,
  tracestate: undefined,
  startMs: DAY_MS,
  ...more,
})

/** On the queue from 100 of the day to 200, then a leg each 10 ms, committed at 250. */
export const aDoneJob = (more: Partial<DoneJob> = {}): DoneJob => ({
  takenMs: DAY_MS + 200,
  legs: [
    { leg: 'queue', fromMs: DAY_MS + 100, toMs: DAY_MS + 200 },
    ...(['take', 'load', 'dispatch', 'compute', 'commit'] as const).map((leg, i) => ({
      leg,
      fromMs: DAY_MS + 200 + 10 * i,
      toMs: DAY_MS + 210 + 10 * i,
    })),
  ],
  endMs: DAY_MS + 250,
  tasks: [aTask()],
  facts: {
    model: 'm',
    steps: 7,
    failedSteps: 0,
    requests: 1,
    batches: ['b'],
    outcome: 'done',
    tries: 1,
    lockWaitMs: 0,
  },
  copiesTo: [],
  ...more,
})

const aTask = (): DoneJob['tasks'][number] => ({
  thread: { threadId: 3, cpu: null },
  rows: 7,
  startMs: DAY_MS + 231,
  mappedMs: DAY_MS + 232,
  endMs: DAY_MS + 239,
})

/** Of the day. */
export const msOf = ([seconds, nanoseconds]: readonly [number, number]): number =>
  seconds * 1000 + nanoseconds / 1e6 - DAY_MS
