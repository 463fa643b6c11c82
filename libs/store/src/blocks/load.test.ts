// What a load promises: the rows that were asked for, or why there are none.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { beforeEach, test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { keys } from '../keys.js'
import type { PopulationRecord } from '../population/record.js'
import { MODEL_ID, partOf, ROW_BYTES } from '../testing/agents.js'
import { ownStore } from '../testing/own-store.js'
import { HEADER_BYTES } from './block-record.js'
import type { LoadedPart } from './seam.js'

const COUNT = 300

const { server, store } = await ownStore()
let swarm: PopulationRecord
beforeEach(async () => {
  await server.redis.flushall()
  const spec = { id: 'swarm', modelId: MODEL_ID, count: COUNT, seed: 7, numerics: 3 }
  swarm = (await store.populations.create(spec, numberedRows)).record
})

/** Every byte of a row is its number. */
function numberedRows(block: number): Buffer {
  const rows = Buffer.alloc(ROW_BYTES * Math.min(256, COUNT - block * 256))
  return rows.map((_, at) => Math.floor(at / ROW_BYTES)) as Buffer
}

const loadOne = async (block: number, index: number[] | null): Promise<LoadedPart | undefined> =>
  (await store.blocks.load([partOf(swarm, block, index)]))[0]

test('a load gives a whole block with its version, and what its header says', async () => {
  const part = await loadOne(1, null)
  assert.ok(part?.state === 'found')
  assert.deepEqual(
    [part.count, part.rowBytes, part.whole, part.rowsHash, part.numerics],
    [44, ROW_BYTES, true, null, 3],
  )
  assert.deepEqual(part.rows, numberedRows(1))
  assert.equal(part.modelPrefix, MODEL_ID.slice(0, 16))
  assert.equal(part.version.toString('hex'), `${'00'.repeat(8)}${swarm.generation}`)
})

test('a load by row gives those rows in their order and their hash', async () => {
  const index = [0, 1, 7, 43]
  const part = await loadOne(1, index)
  assert.ok(part?.state === 'found')
  const rows = Buffer.concat(index.map((row) => Buffer.alloc(ROW_BYTES, row)))
  assert.deepEqual(part.rows, rows)
  assert.equal(part.rowsHash, createHash('sha1').update(rows).digest('hex'))
  assert.deepEqual([part.whole, part.count], [false, 44])
})

test('a load of many parts answers each in its place', async () => {
  const parts = await store.blocks.load([
    partOf(swarm, 0, [2]),
    partOf(swarm, 9),
    partOf({ ...swarm, id: 'no' }, 0, [1]),
    partOf(swarm, 1),
  ])
  assert.deepEqual(
    parts.map(({ state }) => state),
    ['found', 'gone', 'gone', 'found'],
  )
})

test('a load refuses a row that the block has not', async () => {
  const invalid = (error: unknown) => error instanceof CohortError && error.code === 'invalid_job'
  await assert.rejects(loadOne(1, [43, 44]), invalid)
  const many = Array.from({ length: 65 }, (_, row) => row)
  await assert.rejects(loadOne(1, many), invalid)
})

const damages: readonly [name: string, damage: (record: Buffer) => Buffer, detail: RegExp][] = [
  ['cut in its header', (record) => record.subarray(0, 40), /shorter than a header/],
  ['cut in its rows', (record) => record.subarray(0, -ROW_BYTES), /bytes instead of/],
  ['with bytes behind it', (record) => Buffer.concat([record, Buffer.alloc(32)]), /bytes instead of/],
  ['of another kind', (record) => patched(record, 0, 0), /magic/],
  ['of a later format', (record) => patched(record, 4, 2), /format 2/],
  ['of no capacity', (record) => patched(record, 17, 0), /capacity/],
  ['without rows', (record) => patched(record, 18, 0).subarray(0, HEADER_BYTES), /count 0/],
]

function patched(record: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(record)
  copy[at] = byte
  return copy
}

for (const [name, damage, detail] of damages) {
  test(`a load says that a record ${name} is damaged, whole and by row`, async () => {
    const key = keys.block('swarm', 1)
    const record = (await server.redis.getBuffer(key)) as Buffer
    await server.redis.set(key, damage(record))
    for (const index of [null, [0, 3]]) {
      const part = await loadOne(1, index)
      assert.ok(part?.state === 'corrupt', `it is ${part?.state}`)
      assert.match(part.detail, detail)
    }
  })
}

test('a load says that a key of another type is damaged, and still loads the other parts', async () => {
  await server.redis.del(keys.block('swarm', 1))
  await server.redis.rpush(keys.block('swarm', 1), 'no block')
  const parts = await store.blocks.load([partOf(swarm, 1), partOf(swarm, 1, [0]), partOf(swarm, 0)])
  assert.deepEqual(
    parts.map(({ state }) => state),
    ['corrupt', 'corrupt', 'found'],
  )
})
