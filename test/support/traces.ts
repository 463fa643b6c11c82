// What tests ask of traces: a caller with a trace of its own, and the spans of it once all have come.
import { randomBytes } from 'node:crypto'
import { Cohort } from '@cohort/client'
import type { OtlpReceiver, ReceivedSpan } from './otlp-receiver.js'

export const SERVER_KIND = 2
export const ERROR_STATUS = 2

/** So that producer and workers send their spans to it soon. */
export const tracedTo = (receiver: OtlpReceiver): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '50',
})

export interface Caller {
  readonly cohort: Cohort
  readonly traceId: string
  readonly spanId: string
}

/** A client with a trace of its own, which its requests are a part of. `flags` 01: it is recorded; 00: it is not. */
export function aCaller(url: string, flags: '00' | '01' = '01'): Caller {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')]
  const headers = { traceparent: `00-${traceId}-${spanId}-${flags}` }
  return { cohort: new Cohort({ url, headers }), traceId, spanId }
}

/** All of a caller's trace, once its request has ended and so many spans of jobs are there, which end last. */
export async function traceOf(
  receiver: OtlpReceiver,
  { traceId }: Pick<Caller, 'traceId'>,
  jobs: number,
): Promise<ReceivedSpan[]> {
  const isMine = (span: ReceivedSpan) => span.traceId === traceId
  await receiver.received('the request', (span) => isMine(span) && span.kind === SERVER_KIND)
  await receiver.received('its jobs', (span) => isMine(span) && span.name === 'process steps', jobs)
  return receiver.spans.filter(isMine)
}

export const named =
  (name: string) =>
  (span: ReceivedSpan): boolean =>
    span.name === name

/** Spans whose parent is neither among them nor known. */
export function orphansIn(spans: readonly ReceivedSpan[], known: readonly string[] = []): string[] {
  const parents = new Set(['', ...known, ...spans.map(({ spanId }) => spanId)])
  return spans.filter(({ parentSpanId }) => !parents.has(parentSpanId)).map(({ name }) => name)
}
