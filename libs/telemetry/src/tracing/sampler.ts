// Which traces are recorded: decided where a trace enters, at a request or at a job without one, and never again.
import { ROOT_CONTEXT, type SpanContext, type Tracer } from '@opentelemetry/api'
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace'
import type { TracingSettings } from './settings.js'
import { isSampled } from './traceparent.js'

export interface Recording {
  /** Whether the trace of this caller is recorded here; undefined: a trace that begins here. */
  records(caller: SpanContext | undefined): boolean
  /** Of what is recorded alone: it would give ids, attributes and counts also to a span that nobody keeps. */
  readonly tracer: Tracer
}

type Sampling = Pick<TracingSettings, 'sampler' | 'ratio'>

export function recordsOf({ sampler, ratio }: Sampling): Recording['records'] {
  const part = sampler.endsWith('always_on') ? 1 : sampler.endsWith('always_off') ? 0 : ratio
  const ofId = new TraceIdRatioBasedSampler(part)
  return (caller) => {
    if (caller === undefined) return Math.random() < part
    if (sampler.startsWith('parentbased_')) return isSampled(caller)
    const { decision } = ofId.shouldSample(ROOT_CONTEXT, caller.traceId)
    return decision === SamplingDecision.RECORD_AND_SAMPLED
  }
}
