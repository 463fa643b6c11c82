// leg: queue. A job's data: its observations packed and unpacked, and the check of whatever came off the queue.
import {
  CohortError,
  Job,
  checker,
  type Fault,
  type JobPart,
  type ObservationColumn,
} from '@cohort/contracts'

/** Observations travel as the platform's integers; every platform that Node runs on is little-endian. */
const TYPES = { i8: Int8Array, i16: Int16Array, i32: Int32Array } as const
type IntegerType = keyof typeof TYPES

const check = checker(Job)

/** Each column (an outcome a row, −1 where nothing was seen) in the narrowest integers that hold it. */
export function encodeObservations(columns: readonly Int32Array[]): ObservationColumn[] {
  return columns.map((column) => {
    const type = narrowest(column)
    const { buffer, byteOffset, byteLength } = type === 'i32' ? column : new TYPES[type](column)
    return { type, data: Buffer.from(buffer, byteOffset, byteLength).toString('base64') }
  })
}

/**
 * A column a modality, each `job.count` long, −1 where nothing was seen. Upper bounds are the model's and are not
 * checked here. Throws `invalid_job` where a column is not base64 of exactly its rows, or holds less than −1.
 */
export function decodeObservations(job: Pick<Job, 'count' | 'obs'>): Int32Array[] {
  const faults: Fault[] = []
  const columns = job.obs.map((packed, modality) => {
    const column = unpack(packed, job.count)
    if (typeof column !== 'string') return column
    faults.push({
      path: `obs[${modality}]`,
      message: column,
      expected: `${job.count} rows of ${packed.type}`,
    })
    return new Int32Array(0)
  })
  if (faults.length > 0) throw invalidJob(faults)
  return columns
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
  for (const outcome of column) if (outcome < -1) return `an outcome of ${outcome}`
  return column
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
