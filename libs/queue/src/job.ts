// leg: queue. A job's data: its observations packed and unpacked, and the check of whatever came off the queue.
import {
  CohortError,
  Job,
  checker,
  distributionFault,
  type Fault,
  type JobPart,
  NOT_SEEN,
  type ObservationColumn,
  SEEN_SOFTLY,
} from '@cohort/contracts'

/** Observations travel as the platform's integers; every platform that Node runs on is little-endian. */
const TYPES = { i8: Int8Array, i16: Int16Array, i32: Int32Array } as const
type IntegerType = keyof typeof TYPES

const check = checker(Job)

export interface Observations {
  /** A column a modality, an outcome a row; `NOT_SEEN` or `SEEN_SOFTLY` where there is none. */
  readonly columns: readonly Int32Array[]
  /** A list a modality: the distributions of its rows that were seen softly, one after the other; null: none were. */
  readonly soft: readonly (Float64Array | null)[]
}

/** Each column in the narrowest integers that hold it, its distributions as they are. */
export function encodeObservations(
  columns: Observations['columns'],
  soft: Observations['soft'] = [],
): ObservationColumn[] {
  return columns.map((column, modality) => {
    const type = narrowest(column)
    const packed = { type, data: base64(type === 'i32' ? column : new TYPES[type](column)) }
    const distributions = soft[modality] ?? null
    return distributions === null ? packed : { ...packed, soft: base64(distributions) }
  })
}

const base64 = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')

/**
 * Each column `job.count` long. How many outcomes a modality has is the model's, and not checked here. Throws
 * `invalid_job` where a column is not base64 of exactly its rows, or holds less than −2; and where its distributions
 * are not as many as its rows at −2, of one length and each a distribution.
 */
export function decodeObservations(job: Pick<Job, 'count' | 'obs'>): Observations {
  const faults: Fault[] = []
  const columns: Int32Array[] = []
  const soft: (Float64Array | null)[] = []
  for (const [modality, packed] of job.obs.entries()) {
    const path = `obs[${modality}]`
    const column = unpack(packed, job.count)
    if (typeof column === 'string') {
      faults.push({ path, message: column, expected: `${job.count} rows of ${packed.type}` })
      continue
    }
    const distributions = unpackSoft(packed.soft, softRows(column))
    if (distributions instanceof Float64Array || distributions === null) {
      columns.push(column)
      soft.push(distributions)
    } else faults.push({ ...distributions, path: `${path}.soft${distributions.path}` })
  }
  if (faults.length > 0) throw invalidJob(faults)
  return { columns, soft }
}

/**
 * The job in data of any origin. Throws `invalid_job` with the path of each fault: what the schema says; rows that do
 * not add up to `count`; an index that is not ascending or not as long as its rows; an agent named twice; an origin
 * outside of the job.
 */
export function decodeJob(data: unknown): Job {
  const checked = check(data)
  if (!checked.ok) throw invalidJob(checked.faults)
  const faults = [...sumFaults(checked.value), ...indexFaults(checked.value), ...twiceFaults(checked.value)]
  if (faults.length > 0) throw invalidJob(faults)
  return checked.value
}

function narrowest(column: Int32Array): IntegerType {
  let most = 0
  for (const outcome of column) most = Math.max(most, outcome)
  if (most <= 127) return 'i8'
  return most <= 32_767 ? 'i16' : 'i32'
}

/** The column, or what is wrong with it. */
function unpack({ type, data }: ObservationColumn, rows: number): Int32Array | string {
  const bytes = rows * TYPES[type].BYTES_PER_ELEMENT
  if (data.length !== Math.ceil(bytes / 3) * 4) return `${data.length} characters of base64`
  // Not from Node's pool, where a column could begin at an odd byte.
  const raw = Buffer.alloc(bytes)
  if (raw.write(data, 'base64') !== bytes) return 'not as many bytes as its length says'
  const column = new Int32Array(new TYPES[type](raw.buffer, raw.byteOffset, rows))
  for (const outcome of column) if (outcome < SEEN_SOFTLY) return `an outcome of ${outcome}`
  return column
}

function softRows(column: Int32Array): number {
  let rows = 0
  for (const outcome of column) if (outcome < NOT_SEEN) rows += 1
  return rows
}

/** The distributions of so many rows, or what is wrong with them. */
function unpackSoft(data: string | undefined, rows: number): Float64Array | Fault | null {
  if (data === undefined && rows === 0) return null
  const raw = Buffer.from(data ?? '', 'base64')
  const size = raw.length / Float64Array.BYTES_PER_ELEMENT / rows
  const isWhole = data?.length === Math.ceil(raw.length / 3) * 4
  if (rows === 0 || size === 0 || !Number.isInteger(size) || !isWhole) {
    const expected = rows === 0 ? 'none: no row is −2' : `${rows} distributions of f64, one for each −2`
    return { path: '', message: `holds ${raw.length} bytes`, got: raw.length, expected }
  }
  // Not from Node's pool, where it could begin at an odd byte.
  const values = new Float64Array(new Uint8Array(raw).buffer)
  for (let row = 0; row < rows; row += 1) {
    const fault = distributionFault(values.subarray(row * size, (row + 1) * size))
    if (fault !== undefined) return { path: `[${row}]`, ...fault }
  }
  return values
}

function sumFaults(job: Job): Fault[] {
  const faults: Fault[] = []
  const rows = job.parts.reduce((sum, part) => sum + part.rows, 0)
  if (rows !== job.count) {
    faults.push({
      path: 'count',
      message: 'is not the sum of the parts’ rows',
      got: job.count,
      expected: `${rows}`,
    })
  }
  job.origins.forEach(({ from, count }, at) => {
    if (from + count <= job.count) return
    faults.push({
      path: `origins[${at}]`,
      message: 'ends outside of the job',
      got: from + count,
      expected: `at most ${job.count}`,
    })
  })
  return faults
}

function indexFaults(job: Job): Fault[] {
  return job.parts.flatMap(({ index, rows }, at): Fault[] => {
    if (index === undefined) return []
    const path = `parts[${at}].index`
    if (index.length !== rows)
      return [{ path, message: 'is not as long as the part’s rows', got: index.length, expected: `${rows}` }]
    const falls = index.findIndex((row, i) => i > 0 && row <= (index[i - 1] ?? -1))
    if (falls < 0) return []
    return [
      {
        path: `${path}[${falls}]`,
        message: 'does not ascend',
        got: index[falls],
        expected: 'more than the one before',
      },
    ]
  })
}

/** No agent twice in a job: its second step would be computed from the state before its first. */
function twiceFaults(job: Job): Fault[] {
  const parts = new Map<string, JobPart[]>()
  return job.parts.flatMap((part, at): Fault[] => {
    const key = `${part.population}:${part.block}`
    const earlier = parts.get(key) ?? []
    parts.set(key, [...earlier, part])
    if (!earlier.some((other) => overlap(other, part))) return []
    return [
      {
        path: `parts[${at}]`,
        message: 'names an agent of an earlier part',
        got: key,
        expected: 'each agent once',
      },
    ]
  })
}

/** Of two parts of one block: one without an index is the whole block. */
function overlap(a: JobPart, b: JobPart): boolean {
  if (a.index === undefined || b.index === undefined) return true
  const rows = new Set(a.index)
  return b.index.some((row) => rows.has(row))
}

function invalidJob(faults: readonly Fault[]): CohortError {
  const first = faults[0]
  const where = first === undefined || first.path === '' ? 'the job' : first.path
  return new CohortError('invalid_job', `${where}: ${first?.message ?? 'is not valid'}`, { errors: faults })
}
