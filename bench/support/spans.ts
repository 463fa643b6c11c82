// Counts the spans of an OTLP request by name, without decoding them: a receiver should take no more CPU than it must.
import { CohortError } from '@cohort/contracts'

export type Counts = Record<string, number>

/** Adds the spans of one `ExportTraceServiceRequest`, in either of its forms, to `counts`. */
export function countSpans(body: Buffer, contentType: string, counts: Counts): void {
  const names = contentType.includes('json') ? namesInJson(body) : namesInProtobuf(body)
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
}

export const totalOf = (counts: Counts): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

interface JsonRequest {
  readonly resourceSpans?: readonly {
    readonly scopeSpans?: readonly { readonly spans?: readonly { readonly name?: string }[] }[]
  }[]
}

const namesInJson = (body: Buffer): string[] =>
  ((JSON.parse(body.toString()) as JsonRequest).resourceSpans ?? [])
    .flatMap(({ scopeSpans = [] }) => scopeSpans)
    .flatMap(({ spans = [] }) => spans)
    .map(({ name = '' }) => name)

/** Field numbers of opentelemetry/proto/trace/v1 and collector/trace/v1. */
const RESOURCE_SPANS = 1
const SCOPE_SPANS = 2
const SPANS = 2
const NAME = 5

function* namesInProtobuf(body: Buffer): Generator<string> {
  for (const resourceSpans of fieldsOf(body, RESOURCE_SPANS)) {
    for (const scopeSpans of fieldsOf(resourceSpans, SCOPE_SPANS)) {
      for (const span of fieldsOf(scopeSpans, SPANS)) {
        const [name] = fieldsOf(span, NAME)
        yield name?.toString() ?? ''
      }
    }
  }
}

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** The values of a message's field `wanted`, which holds bytes; the others are skipped. */
function* fieldsOf(message: Buffer, wanted: number): Generator<Buffer> {
  const at = { offset: 0 }
  while (at.offset < message.length) {
    const key = varint(message, at)
    const length = lengthOf(key & 7, message, at)
    if (at.offset + length > message.length) throw malformed('a field is cut off')
    if (key >>> 3 === wanted && (key & 7) === BYTES) yield message.subarray(at.offset, at.offset + length)
    at.offset += length
  }
}

function lengthOf(wireType: number, message: Buffer, at: { offset: number }): number {
  if (wireType === BYTES) return varint(message, at)
  if (wireType === FIXED64) return 8
  if (wireType === FIXED32) return 4
  if (wireType !== VARINT) throw malformed(`there is no wire type ${wireType}`)
  varint(message, at)
  return 0
}

/** Exact up to 2^53: keys and lengths are far below; a larger number is only skipped. */
function varint(message: Buffer, at: { offset: number }): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = message[at.offset++]
    if (byte === undefined) throw malformed('a number is cut off')
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
}

const malformed = (how: string): CohortError =>
  new CohortError('invalid_request', `spans that cannot be read: ${how}`)
