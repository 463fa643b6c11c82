// Trace contexts as they travel: the headers of W3C Trace Context, and the JSON that BullMQ carries with a job.
import { createTraceState, isSpanContextValid, TraceFlags, type SpanContext } from '@opentelemetry/api'

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
/** A job's metadata may be anybody's: no more than this is read. */
const MOST_METADATA = 4096

/** Undefined where the header is none of a version that we know; then the trace begins here. */
export function readTraceparent(header: string | undefined, state?: string): SpanContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', rest] =
    TRACEPARENT.exec(header?.trim() ?? '') ?? []
  // A later version may have more fields; version 00 has none, and ff is forbidden.
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  const context: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(state === undefined || state === '' ? {} : { traceState: createTraceState(state) }),
  }
  return isSpanContextValid(context) ? context : undefined
}

export const writeTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${isSampled({ traceFlags }) ? '01' : '00'}`

export const isSampled = ({ traceFlags }: Pick<SpanContext, 'traceFlags'>): boolean =>
  (traceFlags & TraceFlags.SAMPLED) !== 0

/** As `bullmq-otel` writes it, so that producers and workers of others understand it. */
export function writeMetadata(context: SpanContext): string {
  const tracestate = context.traceState?.serialize()
  return JSON.stringify({ traceparent: writeTraceparent(context), ...(tracestate ? { tracestate } : {}) })
}

/** Of data of any origin: what cannot be read is no context, and never an error of the job. */
export function readMetadata(metadata: unknown): SpanContext | undefined {
  if (typeof metadata !== 'string' || metadata.length > MOST_METADATA) return undefined
  const { traceparent, tracestate } = parsed(metadata)
  if (typeof traceparent !== 'string') return undefined
  return readTraceparent(traceparent, typeof tracestate === 'string' ? tracestate : undefined)
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // Not JSON: metadata of somebody else's.
    return {}
  }
}
