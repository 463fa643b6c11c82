// The first bytes of a compiled model: what it is, and its shape and options as JSON.
import { CohortError } from '@cohort/contracts'
import { HEADER_BYTES, type ModelShape, shapeText } from './layout.js'

/** 'CHRM', little-endian. */
const MAGIC = 0x4d524843
/** Raised with any change of what the bytes mean. */
const FORMAT = 3

/** Positions of the header's u32 words. */
const WORD = { magic: 0, format: 1, bytes: 2, textBytes: 3, program: 4 } as const

export interface ModelHeader {
  /** Bytes of the whole compiled model. */
  readonly bytes: number
  /** Where the batched kernel's program is, in bytes from the model's beginning; 0 where it has none. */
  readonly program: number
  readonly shape: ModelShape
}

export function writeHeader({ shape, bytes, program }: ModelHeader, buffer: ArrayBufferLike): void {
  const text = shapeText(shape)
  const words = new Uint32Array(buffer, 0, HEADER_BYTES / 4)
  words[WORD.magic] = MAGIC
  words[WORD.format] = FORMAT
  words[WORD.bytes] = bytes
  words[WORD.textBytes] = text.length
  words[WORD.program] = program
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
  const shape = JSON.parse(text) as ModelShape
  return { bytes: words[WORD.bytes], program: words[WORD.program], shape }
}
