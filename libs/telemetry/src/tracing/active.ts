// The trace in which something is said: for the lines of the log. OpenTelemetry's API alone, without its SDK.
import { trace } from '@opentelemetry/api'
import { isSampled } from './traceparent.js'

/** Undefined where nobody records: the ids of such a trace lead nowhere. */
export function activeTrace(): { readonly trace_id: string; readonly span_id: string } | undefined {
  const context = trace.getActiveSpan()?.spanContext()
  if (context === undefined || !isSampled(context)) return undefined
  return { trace_id: context.traceId, span_id: context.spanId }
}
