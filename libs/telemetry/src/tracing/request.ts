// The span of a request at a producer, and those of its legs there.
import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api'
import type { Leg } from '@cohort/contracts'
import { attributesOf, SPANS } from '../span-names.js'
import type { Recording } from './sampler.js'
import { pastSpan, under } from './spans.js'
import { readTraceparent, writeTraceparent } from './traceparent.js'
import type { Arrival, RequestSpan } from './tracing.js'

const LEAST_SERVER_ERROR = 500

export function openRequest({ tracer, records }: Recording, arrival: Arrival): RequestSpan {
  const { method, route, startMs, traceparent, tracestate } = arrival
  const caller = traceparent === undefined ? undefined : readTraceparent(traceparent, tracestate)
  if (!records(caller)) return caller === undefined ? NOBODYS : unrecorded(caller)
  const name = route === undefined ? method : `${method} ${route}`
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, startTime: startMs }, under(caller))
  return recorded(tracer, span, arrival)
}

/** Its context still travels, so that nobody begins a trace of their own in the middle of this one. */
const unrecorded = (caller: SpanContext): RequestSpan => ({
  ...NOBODYS,
  ...headersOf({ ...caller, traceFlags: TraceFlags.NONE }),
})

/** All requests of no caller's trace that nobody records: one object, since they are nearly all of them. */
const NOBODYS: RequestSpan = {
  sampled: false,
  traceId: undefined,
  /** Another each time: it is asked for once a job. */
  get traceparent() {
    const traceId = crypto.randomUUID().replaceAll('-', '')
    return writeTraceparent({ traceId, spanId: traceId.slice(0, 16), traceFlags: TraceFlags.NONE })
  },
  tracestate: undefined,
  run: (call) => call(),
  leg: () => {},
  note: () => {},
  end: () => {},
}

const headersOf = (of: SpanContext) => ({
  traceparent: writeTraceparent(of),
  tracestate: of.traceState?.serialize(),
})

function recorded(tracer: Tracer, span: Span, arrival: Arrival): RequestSpan {
  span.setAttributes({
    'http.request.method': arrival.method,
    'url.path': arrival.path,
    'url.scheme': arrival.scheme,
    ...(arrival.route === undefined ? {} : { 'http.route': arrival.route }),
    ...(arrival.userAgent === undefined ? {} : { 'user_agent.original': arrival.userAgent }),
  })
  const own = span.spanContext()
  const inside = under(own)
  const active = trace.setSpan(ROOT_CONTEXT, span)
  const open: { leg: Leg; fromMs: number }[] = []
  let code: string | undefined
  // A clock is read twice for one arrival: no leg begins before the request.
  const leg = (of: Leg, fromMs: number, toMs: number) =>
    pastSpan(tracer, SPANS[of], { under: inside, fromMs: Math.max(fromMs, arrival.startMs), toMs })
  return {
    sampled: true,
    traceId: own.traceId,
    ...headersOf(own),
    run: (call) => context.with(active, call),
    leg(of, fromMs, toMs) {
      if (toMs === undefined) open.push({ leg: of, fromMs })
      else leg(of, fromMs, toMs)
    },
    note(facts) {
      if (typeof facts.code === 'string') code = facts.code
      span.setAttributes(attributesOf(facts))
    },
    end(status, endMs) {
      for (const { leg: of, fromMs } of open) leg(of, fromMs, endMs)
      close(span, status, code)
      span.end(Math.max(arrival.startMs, endMs))
    },
  }
}

/** A refusal is the caller's error and not the server's: its status stays unset, as the conventions want. */
function close(span: Span, status: number | undefined, code: string | undefined): void {
  if (status === undefined) {
    span.setAttribute('error.type', 'caller_gone')
    return
  }
  span.setAttribute('http.response.status_code', status)
  if (status < LEAST_SERVER_ERROR) return
  span.setAttribute('error.type', code ?? String(status))
  span.setStatus({ code: SpanStatusCode.ERROR })
}
