// Spans of traces that are recorded, made of numbers, and how an error looks on one.
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api'

/** Some values are the sender’s: the id of a message, a user agent, a reason. No viewer shows more. */
export const MOST_VALUE_LENGTH = 1024

/** Where a span is made; undefined: at the top of a trace of its own. */
export const under = (parent: SpanContext | undefined): Context =>
  parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)

export interface PastSpan {
  readonly under: Context
  readonly fromMs: number
  readonly toMs: number
  readonly kind?: SpanKind
  readonly attributes?: Attributes
  readonly links?: Parameters<Span['addLinks']>[0]
}

/** A span whose beginning and end are known. One that would end before it began (two clocks) takes no time. */
export function pastSpan(tracer: Tracer, name: string, past: PastSpan): Span {
  const { under, fromMs, toMs, kind = SpanKind.INTERNAL, attributes = {}, links = [] } = past
  const span = tracer.startSpan(name, { kind, startTime: fromMs, attributes, links }, under)
  span.end(Math.max(fromMs, toMs))
  return span
}

/** What viewers look for: the status, the event, and the low-cardinality kind of the error. */
export function recordError(span: Span, error: unknown, atMs: number): void {
  const { type, message, stack } = toldOf(error)
  span.recordException({ name: type, message, ...(stack === undefined ? {} : { stack }) }, atMs)
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR, message: message.slice(0, MOST_VALUE_LENGTH) })
}

/** A CohortError by its code; what BullMQ keeps of one begins with it. */
function toldOf(error: unknown): { type: string; message: string; stack?: string | undefined } {
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
    return { type: code ?? codeIn(error.message) ?? error.name, message: error.message, stack: error.stack }
  }
  const message = String(error)
  return { type: codeIn(message) ?? '_OTHER', message }
}

const codeIn = (reason: string): string | undefined => /^([a-z]+(?:_[a-z]+)*): /.exec(reason)?.[1]
