// doctor, area telemetry: whether spans are made, and whether they would arrive.
import { type TracingSettings, withoutSecrets } from '@cohort/telemetry/settings'
import { percent } from '../view/words.js'
import type { Check } from './check.js'

export type Sent =
  /** The HTTP status of an export of no spans. */
  | { readonly status: number }
  /** Why nobody answered. */
  | { readonly reason: string }

const area = 'telemetry'
const SEND_MS = 2_000

/** An export of no spans, as the processes send theirs: a collector takes it and keeps nothing. Never rejects. */
export async function sendNothing({ url: text, protocol, headers }: TracingSettings): Promise<Sent> {
  const isJson = protocol === 'http/json'
  const type = isJson ? 'application/json' : 'application/x-protobuf'
  // A message of Protocol Buffers without any field has no bytes.
  const body = isJson ? '{"resourceSpans":[]}' : new Uint8Array()
  try {
    const { url, basic } = apart(text)
    const options = { method: 'POST', headers: { ...basic, ...headers, 'content-type': type }, body } as const
    const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(SEND_MS) })
    await answer.body?.cancel()
    return { status: answer.status }
  } catch (error) {
    return { reason: reasonOf(error) }
  }
}

/** Where nothing is traced: `set` holds the names of the variables that are set. */
export function noTelemetry(set: readonly string[]): Check[] {
  const check = { area, name: 'traces', status: 'off', found: 'off' } as const
  if (set.some((name) => /^OTEL_EXPORTER_OTLP_(TRACES_)?ENDPOINT$/.test(name)))
    return [{ ...check, why: 'OTEL_SDK_DISABLED is true, or the endpoint does not fit' }]
  const mend = 'Set OTEL_EXPORTER_OTLP_ENDPOINT, e.g. http://127.0.0.1:4318, to trace.'
  return [{ ...check, why: 'no OTEL_EXPORTER_OTLP_ENDPOINT is set', mend }]
}

export function telemetryChecks(settings: TracingSettings, sent: Sent): Check[] {
  return [arrival(settings, sent), { area, name: 'sampler', status: 'ok', found: sampler(settings) }]
}

function arrival({ url, protocol }: TracingSettings, sent: Sent): Check {
  const check = { area, name: 'traces' } as const
  const place = `${withoutSecrets(url)}, by ${protocol}`
  const why = 'spans that do not arrive are dropped; steps go on'
  if ('reason' in sent) {
    const mend = 'Start the collector, or mend OTEL_EXPORTER_OTLP_ENDPOINT.'
    return { ...check, status: 'note', found: `${place}: not reached (${sent.reason})`, why, mend }
  }
  const found = `${place}: answers ${sent.status}`
  if (sent.status >= 200 && sent.status < 300) return { ...check, status: 'ok', found }
  const mend =
    sent.status === 401 || sent.status === 403
      ? 'Give it what it asks for in OTEL_EXPORTER_OTLP_HEADERS.'
      : 'See whether a collector of OTLP over HTTP is there, on port 4318 by default, under that path.'
  return { ...check, status: 'note', found, why, mend }
}

function sampler({ sampler: name, ratio }: TracingSettings): string {
  return name.endsWith('traceidratio') ? `${name}, ${percent(ratio)} of the traces` : name
}

/** `fetch` refuses a URL that holds a user; the exporter sends it as a header. */
function apart(text: string): { url: URL; basic: Record<string, string> } {
  const url = new URL(text)
  const user = decodeURIComponent(`${url.username}:${url.password}`)
  url.username = ''
  url.password = ''
  return {
    url,
    basic: user === ':' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` },
  }
}

/** `fetch failed` says nothing: its cause does. An error without one is of what was to be sent, and quotes it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be sent'
  if (error.name === 'TimeoutError') return `no answer within ${SEND_MS / 1000} s`
  const { cause } = error
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message
  return `it cannot be sent: ${error.name}`
}
