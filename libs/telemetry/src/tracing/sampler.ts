// Which traces are recorded: decided where a trace enters, at a request or at a job without one, and never again.
import { createContextKey, ROOT_CONTEXT, trace, type Context, type SpanContext } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace'
import type { TracingSettings } from './settings.js'

const DECIDED = createContextKey('cohort: the trace is recorded')

/** For spans of a trace that is recorded, whatever this process's own sampler would say. */
export const under = (parent: SpanContext | undefined): Context => {
  const root = ROOT_CONTEXT.setValue(DECIDED, true)
  return parent === undefined ? root : trace.setSpanContext(root, parent)
}

export function samplerOf({ sampler, ratio }: Pick<TracingSettings, 'sampler' | 'ratio'>): Sampler {
  const entry = entrySampler(sampler, ratio)
  return {
    shouldSample: (context, ...rest) =>
      context.getValue(DECIDED) === true
        ? { decision: SamplingDecision.RECORD_AND_SAMPLED }
        : entry.shouldSample(context, ...rest),
    toString: () => `DecidedOnce{${entry.toString()}}`,
  }
}

function entrySampler(name: TracingSettings['sampler'], ratio: number): Sampler {
  if (name.endsWith('always_on')) return parentOr(name, new AlwaysOnSampler())
  if (name.endsWith('always_off')) return parentOr(name, new AlwaysOffSampler())
  return parentOr(name, new TraceIdRatioBasedSampler(ratio))
}

const parentOr = (name: TracingSettings['sampler'], root: Sampler): Sampler =>
  name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
