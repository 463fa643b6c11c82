// Where the spans go and which are kept: the standard OTEL_… variables, read as every other setting is.
import type { Variables } from '@cohort/contracts'

const PROTOCOLS = ['http/protobuf', 'http/json'] as const
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

export interface TracingSettings {
  /** What spans are posted to. */
  readonly url: string
  readonly protocol: (typeof PROTOCOLS)[number]
  readonly headers: Pairs
  readonly sampler: (typeof SAMPLERS)[number]
  /** Of the samplers that end in `traceidratio`: the part of traces that is recorded, 0 to 1. */
  readonly ratio: number
  /** Undefined: the app's own name. */
  readonly serviceName: string | undefined
  /** Attributes of the process; they win over those that it gives itself. */
  readonly resource: Pairs
  /** Spans wait for others as long as this before they are sent, unless a batch is full. */
  readonly sendEveryMs: number
  /** Spans that wait; over it they are dropped, and the log says how many. */
  readonly mostWaiting: number
}

type Pairs = Readonly<Record<string, string>>

/**
 * Undefined where nothing is to be traced: no endpoint is set, or OTEL_SDK_DISABLED is true. Then the other variables
 * are not looked at: they may be meant for others on this machine.
 */
export function readTracing(from: Variables): TracingSettings | undefined {
  if (from.oneOf('OTEL_SDK_DISABLED', { values: ['true', 'false'], otherwise: 'false' }) === 'true')
    return undefined
  const url = endpoint(from)
  if (url === undefined) return undefined
  return {
    url,
    protocol: protocol(from),
    headers: {
      ...headers(from, 'OTEL_EXPORTER_OTLP_HEADERS'),
      ...headers(from, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
    },
    sampler: from.oneOf('OTEL_TRACES_SAMPLER', { values: SAMPLERS, otherwise: 'parentbased_always_on' }),
    ratio: ratio(from),
    serviceName: from.text('OTEL_SERVICE_NAME', '') || undefined,
    resource: pairs(from, 'OTEL_RESOURCE_ATTRIBUTES'),
    sendEveryMs: from.integer('OTEL_BSP_SCHEDULE_DELAY', { least: 1, most: 60_000, otherwise: 1000 }),
    mostWaiting: from.integer('OTEL_BSP_MAX_QUEUE_SIZE', { least: 512, most: 1_000_000, otherwise: 8192 }),
  }
}

/** A URL as it may be shown: without a user, a password or a key in the query. */
export function withoutSecrets(text: string): string {
  const { origin, pathname } = new URL(text)
  return `${origin}${pathname}`
}

/** The traces' own URL is taken as it is; to the one of all signals the path is added. */
function endpoint(from: Variables): string | undefined {
  const own = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
  const base = 'OTEL_EXPORTER_OTLP_ENDPOINT'
  const name = from.text(own, '') === '' ? base : own
  const text = from.text(name, '')
  if (text === '') return undefined
  const url = URL.parse(text)
  // The URL is not echoed: it may hold a password.
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    from.fault({ path: name, message: 'must be an http:// or https:// URL' })
  else if (decoded(url.username) === undefined || decoded(url.password) === undefined)
    from.fault({ path: name, message: 'must have its user and password percent-encoded' })
  else return name === own ? text : `${text.replace(/\/+$/, '')}/v1/traces`
  return undefined
}

function protocol(from: Variables): TracingSettings['protocol'] {
  const own = 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'
  const name = from.text(own, '') === '' ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : own
  if (from.text(name, '') !== 'grpc')
    return from.oneOf(name, { values: PROTOCOLS, otherwise: 'http/protobuf' })
  const message = 'is not spoken here: use http/protobuf, which collectors take on port 4318'
  from.fault({ path: name, message, got: 'grpc' })
  return 'http/protobuf'
}

function ratio(from: Variables): number {
  const name = 'OTEL_TRACES_SAMPLER_ARG'
  const text = from.text(name, '1')
  const value = /^(\d+(\.\d*)?|\.\d+)(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (value >= 0 && value <= 1) return value
  from.fault({ path: name, message: 'must be a number from 0 to 1', got: text })
  return 1
}

/** Pairs that HTTP carries: what it does not would be refused at each export, by an error that quotes it. */
function headers(from: Variables, name: string): Pairs {
  const found = pairs(from, name)
  const carried = Object.entries(found).every(([key, value]) => TOKEN.test(key) && FIELD.test(value))
  if (carried) return found
  from.fault({ path: name, message: 'must be headers: names of letters, digits and -_., values of one line' })
  return {}
}

/** RFC 9110, sections 5.6.2 and 5.5. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
const FIELD = /^[\t\x20-\x7e\x80-\xff]*$/

/** `name=value,name=value`, the values percent-encoded. They are not echoed: headers hold keys to a house. */
function pairs(from: Variables, name: string): Pairs {
  const found: [string, string][] = []
  for (const entry of from.text(name, '').split(',')) {
    if (entry.trim() === '') continue
    const at = entry.indexOf('=')
    const key = entry.slice(0, at).trim()
    const value = decoded(entry.slice(at + 1).trim())
    if (at > 0 && key !== '' && value !== undefined) found.push([key, value])
    else return noPairs(from, name)
  }
  return Object.fromEntries(found)
}

function noPairs(from: Variables, name: string): Pairs {
  from.fault({ path: name, message: 'must be name=value pairs with commas between, values percent-encoded' })
  return {}
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    // What decodeURIComponent refuses is not percent-encoded: the caller says so with the variable's name.
    return undefined
  }
}
