// The block record, in which agents live: a 64-byte header, little-endian, then one row an agent.
import { BLOCK_AGENTS, type ModelId } from '@cohort/contracts'

/**
 * ```
 *  0 magic u32 'CHRT'   4 format u16   6 numerics u16 (of the kernel that made the rows)
 *  8 model id, first 8 bytes          16 capacity u16   18 count u16   20 row bytes u32
 * 24 checkpoint u64 (0: rows are all there is)
 * 32 generation, 8 bytes: one creation of the population              40 reserved, 8 bytes
 * 48 version: count of commits u64, nonce of the last, 8 bytes        64 rows
 * ```
 * The version is next to the rows: what a commit of the whole block changes is one stretch of bytes.
 */
export const HEADER_BYTES = 64
const VERSION_BYTES = 16
export const BLOCK_FORMAT = 1
const MAGIC = 0x54524843
const VERSION_AT = HEADER_BYTES - VERSION_BYTES
/** Hex digits of a model id that a header holds. */
const MODEL_PREFIX_DIGITS = 16
export const GENERATION_AT = 32
export const GENERATION_BYTES = 8

export interface BlockHeader {
  readonly numerics: number
  /** The first 16 hex digits of the model's id. */
  readonly modelPrefix: string
  /** Rows in the record: 256, but in a population's last block. */
  readonly count: number
  readonly rowBytes: number
  /** 16 hex digits. */
  readonly generation: string
}

export type DecodedHeader =
  | { readonly state: 'sound'; readonly header: BlockHeader; readonly version: Buffer }
  | { readonly state: 'corrupt'; readonly detail: string }

interface NewBlock {
  readonly numerics: number
  readonly modelId: ModelId
  readonly generation: string
  readonly count: number
  readonly rows: Uint8Array
}

/** The record of a block that no job has stepped: version 0, its nonce that of the creation. */
export function encodeBlock({ numerics, modelId, generation, count, rows }: NewBlock): Buffer {
  const record = Buffer.alloc(HEADER_BYTES + rows.length)
  record.writeUInt32LE(MAGIC, 0)
  record.writeUInt16LE(BLOCK_FORMAT, 4)
  record.writeUInt16LE(numerics, 6)
  record.write(modelId.slice(0, MODEL_PREFIX_DIGITS), 8, 'hex')
  record.writeUInt16LE(BLOCK_AGENTS, 16)
  record.writeUInt16LE(count, 18)
  record.writeUInt32LE(rows.length / count, 20)
  record.write(generation, GENERATION_AT, 'hex')
  record.write(generation, VERSION_AT + 8, 'hex')
  record.set(rows, HEADER_BYTES)
  return record
}

/** Reads a header, or a whole record; `recordBytes` is the length of the record that `bytes` begin. */
export function decodeHeader(bytes: Buffer, recordBytes: number): DecodedHeader {
  const corrupt = (detail: string): DecodedHeader => ({ state: 'corrupt', detail })
  if (bytes.length < HEADER_BYTES) return corrupt(`${recordBytes} bytes are shorter than a header`)
  const magic = bytes.readUInt32LE(0)
  if (magic !== MAGIC) return corrupt(`magic ${magic.toString(16)} instead of ${MAGIC.toString(16)}`)
  const format = bytes.readUInt16LE(4)
  if (format !== BLOCK_FORMAT) return corrupt(`format ${format}, known is ${BLOCK_FORMAT}`)
  const capacity = bytes.readUInt16LE(16)
  const count = bytes.readUInt16LE(18)
  const rowBytes = bytes.readUInt32LE(20)
  if (capacity !== BLOCK_AGENTS) return corrupt(`capacity ${capacity} instead of ${BLOCK_AGENTS}`)
  if (count < 1 || count > capacity) return corrupt(`count ${count} of ${capacity}`)
  const whole = HEADER_BYTES + count * rowBytes
  if (rowBytes === 0 || recordBytes !== whole) return corrupt(`${recordBytes} bytes instead of ${whole}`)
  const header: BlockHeader = {
    numerics: bytes.readUInt16LE(6),
    modelPrefix: bytes.toString('hex', 8, 16),
    count,
    rowBytes,
    generation: bytes.toString('hex', GENERATION_AT, GENERATION_AT + GENERATION_BYTES),
  }
  return { state: 'sound', header, version: bytes.subarray(VERSION_AT, HEADER_BYTES) }
}
