// leg: queue. What is promised of a job's data: packed and unpacked without loss, and nothing malformed gets through.
import { CohortError, JOB_PARTS, JOB_STEPS, type Job } from '@cohort/contracts'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeJob, decodeObservations, encodeObservations } from './job.js'

const outcome = (most: number) => fc.integer({ min: -1, max: most })
const column = (rows: number, most: number) => fc.array(outcome(most), { minLength: rows, maxLength: rows })
/** An outcome, or a distribution over three. */
const softly = fc.oneof(
  fc.integer({ min: -1, max: 2 }),
  fc.tuple(fc.nat(100), fc.nat(100), fc.integer({ min: 1, max: 100 })).map((weights) => {
    const sum = weights.reduce((total, one) => total + one, 0)
    return weights.map((one) => one / sum)
  }),
)
const MOSTS = [1, 127, 128, 32_767, 32_768, 2 ** 31 - 1]

test('observations come back as they went, in the narrowest integers', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }).chain((rows) => fc.tuple(...MOSTS.map((most) => column(rows, most)))),
      (values) => {
        const columns = values.map((one) => Int32Array.from(one))
        const obs = encodeObservations(columns)
        const decoded = decodeObservations({ count: values[0]?.length ?? 0, obs })
        assert.deepEqual(decoded, { columns, soft: columns.map(() => null) })
        for (const [at, { type }] of obs.entries()) {
          const most = Math.max(...(values[at] ?? []))
          assert.equal(type, most > 32_767 ? 'i32' : most > 127 ? 'i16' : 'i8')
        }
      },
    ),
  )
})

test('a column of a larger array is packed alone', () => {
  const all = Int32Array.from([70_000, 70_001, 70_002])
  const obs = encodeObservations([all.subarray(1, 2)])
  assert.deepEqual(decodeObservations({ count: 1, obs }).columns, [Int32Array.of(70_001)])
})

test('a column that is not its rows is refused by its path', () => {
  const [fits] = encodeObservations([Int32Array.of(1, 2, 3)])
  assert.ok(fits)
  const wrong = [
    { type: 'i8', data: fits.data.slice(0, -1) },
    { type: 'i8', data: `${fits.data}AAAA` },
    { type: 'i16', data: fits.data },
    { type: 'i8', data: 'A===' },
    { type: 'i8', data: Buffer.from([1, 2, 0xfd]).toString('base64') },
  ] as const
  for (const bad of wrong) {
    assert.throws(
      () => decodeObservations({ count: 3, obs: [fits, bad] }),
      faultAt('obs[1]'),
      JSON.stringify(bad),
    )
  }
})

test('what was seen softly comes back to the bit, beside its column', () => {
  fc.assert(
    fc.property(fc.array(softly, { minLength: 1, maxLength: 40 }), (rows) => {
      const column = Int32Array.from(rows, (row) => (Array.isArray(row) ? -2 : row))
      const values = Float64Array.from(rows.flatMap((row) => (Array.isArray(row) ? row : [])))
      const seen = {
        columns: [column, new Int32Array(rows.length)],
        soft: [values.length === 0 ? null : values, null],
      }
      const obs = encodeObservations(seen.columns, seen.soft)
      assert.deepEqual(decodeObservations({ count: rows.length, obs: JSON.parse(JSON.stringify(obs)) }), seen)
    }),
  )
})

test('distributions that are none, or not those of the rows at −2, are refused by their path', () => {
  const wrong: [path: string, column: number[], soft: number[] | undefined][] = [
    ['obs[0].soft', [-2, 1], undefined],
    ['obs[0].soft', [0, 1], [0.5, 0.5]],
    ['obs[0].soft', [-2, -2], [0.5, 0.25, 0.25]],
    ['obs[0].soft', [-2, 1], []],
    ['obs[0].soft[1]', [-2, -2], [0.5, 0.5, 0.5, 0.4]],
    ['obs[0].soft[0]', [-2, -2], [1.5, -0.5, 0, 1]],
    ['obs[0].soft[0]', [-2, 1], [Number.NaN, 1]],
    ['obs[0].soft[0]', [-2, 1], [Infinity, 1]],
  ]
  for (const [path, column, soft] of wrong) {
    const obs = encodeObservations([Int32Array.from(column)], [soft ? Float64Array.from(soft) : null])
    assert.throws(() => decodeObservations({ count: 2, obs }), faultAt(path), `${column} ${soft}`)
  }
  const [fits] = encodeObservations([Int32Array.of(-2)], [Float64Array.of(0, 1)])
  assert.ok(fits?.soft)
  for (const soft of [fits.soft.slice(0, -1), `${fits.soft}A`, 'A==='])
    assert.throws(
      () => decodeObservations({ count: 1, obs: [{ ...fits, soft }] }),
      faultAt('obs[0].soft'),
      soft,
    )
})

test('a full job is decoded as it was made', () => {
  const job = aJob()
  assert.equal(job.count, JOB_STEPS)
  assert.deepEqual(decodeJob(JSON.parse(JSON.stringify(job))), job)
})

test('a malformed job is refused, with the path of its fault', () => {
  const parts = aJob().parts
  const spoilt: [path: string, change: object][] = [
    ['v', { v: 2 }],
    ['extra', { extra: 1 }],
    ['count', { count: JOB_STEPS - 1, origins: [] }],
    ['parts', { parts: [] }],
    ['addedMs', { addedMs: -1 }],
    ['parts[0].generation', { parts: [{ ...parts[0], generation: 'x' }, ...parts.slice(1)] }],
    ['parts[1]', { parts: [parts[0], parts[0], ...parts.slice(2)] }],
    ['origins[1]', { origins: [origin(0, 1), origin(1, JOB_STEPS)] }],
  ]
  for (const [path, change] of spoilt)
    assert.throws(() => decodeJob({ ...aJob(), ...change }), faultAt(path), path)
  for (const data of [null, undefined, 5, 'x', [], {}]) assert.throws(() => decodeJob(data), isInvalidJob)
})

test('an index must ascend, be as long as its rows, and name no agent of an earlier part', () => {
  const byRow = (index: number[], rows = index.length) => ({ ...part(0), rows, index })
  const job = (parts: Job['parts']) => ({
    ...aJob(),
    parts,
    count: parts.reduce((sum, { rows }) => sum + rows, 0),
    origins: [],
  })
  assert.ok(decodeJob(job([byRow([0, 255]), byRow([1, 2]), { ...byRow([0]), block: 1 }])))
  assert.throws(() => decodeJob(job([byRow([3, 3])])), faultAt('parts[0].index[1]'))
  assert.throws(() => decodeJob(job([byRow([3, 2])])), faultAt('parts[0].index[1]'))
  assert.throws(() => decodeJob(job([byRow([1, 2], 3)])), faultAt('parts[0].index'))
  assert.throws(() => decodeJob(job([byRow([1, 2]), byRow([0, 2])])), faultAt('parts[1]'))
  assert.throws(() => decodeJob(job([byRow([1]), part(0)])), faultAt('parts[1]'))
})

test('no data of any kind gets through or throws anything but invalid_job', () => {
  const fields = fc.record(
    Object.fromEntries(
      Object.entries(aJob()).map(([name, value]) => [name, fc.oneof(fc.constant(value), fc.jsonValue())]),
    ),
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(fields, fc.jsonValue()), (data) => {
      try {
        assert.deepEqual(decodeJob(data), data)
      } catch (error) {
        assert.ok(isInvalidJob(error), String(error))
      }
    }),
  )
})

function part(block: number): Job['parts'][number] {
  return { population: 'p', generation: '0123456789abcdef', block, rows: 256 }
}

function origin(from: number, count: number): Job['origins'][number] {
  return { batch: 'b-00000000-0000-4000-8000-000000000000', from, count }
}

function aJob(): Job {
  return {
    v: 1,
    model: 'a'.repeat(64),
    parts: Array.from({ length: JOB_PARTS }, (_, block) => part(block)),
    count: JOB_STEPS,
    obs: encodeObservations([new Int32Array(JOB_STEPS).fill(24), new Int32Array(JOB_STEPS).fill(-1)]),
    return: ['action', 'step'],
    origins: [origin(0, 2048), origin(2048, 2048)],
    channel: 'answers',
    addedMs: 1,
  }
}

const isInvalidJob = (error: unknown): error is CohortError =>
  error instanceof CohortError && error.code === 'invalid_job'

function faultAt(path: string) {
  return (error: unknown) => {
    assert.ok(isInvalidJob(error), String(error))
    assert.ok(
      error.errors.some((fault) => fault.path === path),
      JSON.stringify(error.errors),
    )
    return true
  }
}
