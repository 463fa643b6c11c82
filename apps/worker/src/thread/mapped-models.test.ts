// Promises of a thread's views: another model at the same place and a grown memory are noticed; bytes are bounded.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { Arena } from '@cohort/cache'
import { DEFAULT_LIMITS } from '@cohort/contracts'
import { compileModel, threadBytes, validateModel } from '@cohort/inference'
import { aModel } from '../testing/agents.js'
import { MappedModels } from './mapped-models.js'

const AT = 64
let arena: Arena
let models: MappedModels

before(() => {
  arena = new Arena({ maxBytes: 1024 * 1024 })
  arena.slots.allocate(64)
  models = new MappedModels(arena.memory)
})

function place(policyLen: number, at = AT): void {
  const compiled = compileModel(validateModel(aModel(0, { policyLen }), DEFAULT_LIMITS))
  arena.bytes(at, compiled.length).set(compiled)
}

const handle = (serial: number) => ({ offset: AT, bytes: 0, serial })

test('a model stays mapped as long as its serial is the same', () => {
  place(1)
  assert.equal(models.at(handle(1)), models.at(handle(1)))
})

test('another serial at the same place is another model, with a scratch of its own', () => {
  place(1)
  const first = models.at(handle(2))
  place(2)
  const second = models.at(handle(3))
  assert.deepEqual([first.model.policyLen, second.model.policyLen], [1, 2])
  assert.deepEqual([first.scratch.G.length, second.scratch.G.length], [12, 144])
})

test('when the memory has grown, the model is mapped in the longer buffer', () => {
  place(1)
  const before = models.at(handle(4))
  arena.memory.grow(1)
  const after = models.at(handle(4))
  assert.notEqual(after, before)
  assert.equal(after.model.logE.buffer, arena.memory.buffer)
  assert.equal(models.buffer(), arena.memory.buffer)
})

test('those used last are kept as far as their bytes go, and one that is larger than that by itself', () => {
  const offsets = [0, 1, 2].map((i) => 16 * 1024 * i + AT)
  for (const offset of offsets) place(2, offset)
  const [first, second, third] = offsets.map((offset) => ({ offset, bytes: 0, serial: 9 }))
  assert.ok(first && second && third)
  const each = threadBytes(models.at(first).model) + 64 * 1024
  const few = new MappedModels(arena.memory, 2 * each)
  const kept = [few.at(first), few.at(second)]
  assert.deepEqual([few.at(first) === kept[0], few.at(second) === kept[1]], [true, true])
  few.at(first)
  few.at(third)
  assert.deepEqual([few.at(first) === kept[0], few.at(second) === kept[1]], [true, false])
  const none = new MappedModels(arena.memory, 1)
  const one = none.at(first)
  assert.equal(none.at(first), one)
  assert.notEqual(none.at(second), one)
  assert.notEqual(none.at(first), one)
})
