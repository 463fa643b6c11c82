// The first bytes of a compiled model: what it is, and its shape and options as JSON.
import { CohortError } from '@cohort/contracts'
import { HEADER_BYTES, type ModelShape, shapeText } from './layout.js'

/** 'CHRM', little-endian. */
const MAGIC = 0x4d524843
/** Raised with any change of what the bytes mean. */
const FORMAT = 2

/** Positions of the header's u32 words. */
const WORD = { magic: 0, format: 1, bytes: 2, textBytes: 3 } as const

export interface ModelHeader {
  /** Bytes of the whole compiled model. */
  readonly bytes: number
  readonly shape: ModelShape
}

export function writeHeader({ shape, bytes }: ModelHeader, buffer: ArrayBufferLike): void {
  const text = shapeText(shape)
  const words = new Uint32Array(buffer, 0, HEADER_BYTES / 4)
  words[WORD.magic] = MAGIC
  words[WORD.format] = FORMAT
  words[WORD.bytes] = bytes
  words[WORD.textBytes] = text.length
  new Uint8Array(buffer, HEADER_BYTES, text.length).set(Uint8Array.from(text, (sign) => sign.charCodeAt(0)))
}

/** Throws `internal` where the bytes are not a compiled model of this format. */
export function readHeader(buffer: ArrayBufferLike, offset: number): ModelHeader {
  const words = new Uint32Array(buffer, offset, HEADER_BYTES / 4)
  if (words[WORD.magic] !== MAGIC || words[WORD.format] !== FORMAT) {
    throw new CohortError('internal', `no compiled model of format ${FORMAT} at byte ${offset}`)
  }
  const signs = new Uint8Array(buffer, offset + HEADER_BYTES, words[WORD.textBytes])
  const text = Array.from(signs, (sign) => String.fromCharCode(sign)).join('')
  return { bytes: words[WORD.bytes], shape: JSON.parse(text) as ModelShape }
}
