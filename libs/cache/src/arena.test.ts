// What the arena promises: two regions that never meet, memory on demand up to its bound, plain refusals.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena } from './arena.js'

const MIB = 2 ** 20

test('slots and matrices never share a byte, and 0 is nobody’s', () => {
  const arena = new Arena({ maxBytes: MIB, slotBytes: 1000 })
  const slot = arena.slots.allocate(1000)
  const matrix = arena.matrices.allocate(64)
  assert.equal(slot, 64)
  assert.equal(matrix, 64 + 1024)
  assert.equal(arena.slots.allocate(1), undefined)
  assert.equal(arena.bytesInUse, 1024 + 64)
  assert.equal(arena.slots.capacity + arena.matrices.capacity + 64, MIB)
})

test('the memory starts small, grows with what is lent, keeps what was written, up to its bound', () => {
  const arena = new Arena({ maxBytes: 8 * MIB, slotBytes: MIB })
  assert.equal(arena.memory.buffer.byteLength, 65_536)
  const first = arena.slots.allocate(1024) ?? 0
  arena.bytes(first, 1024).fill(7)
  const before = arena.memory.buffer
  const second = arena.slots.allocate(MIB / 2) ?? 0
  assert.ok(arena.memory.buffer.byteLength >= second + MIB / 2)
  assert.ok(arena.memory.buffer.byteLength < 8 * MIB)
  assert.notEqual(arena.memory.buffer, before)
  assert.ok(arena.bytes(first, 1024).every((byte) => byte === 7))
  const rest = arena.matrices.allocate(arena.matrices.capacity) ?? 0
  arena.bytes(rest, arena.matrices.capacity).set([9], arena.matrices.capacity - 1)
  assert.equal(arena.memory.buffer.byteLength, 8 * MIB)
  assert.equal(new Uint8Array(before, first, 1)[0], 7, 'a view of the old buffer stays valid')
})

test('4 GiB can be lent to the last byte', () => {
  const arena = new Arena({ maxBytes: 4096 * MIB })
  const offset = arena.matrices.allocate(arena.matrices.capacity) ?? 0
  const last = arena.bytes(offset + arena.matrices.capacity - 64, 64)
  last[63] = 5
  assert.equal(new Uint8Array(arena.memory.buffer)[4096 * MIB - 1], 5)
})

test('an arena that cannot be is a fault of configuration that names the setting', () => {
  for (const maxBytes of [0, -1, NaN, 1000, 4097 * MIB]) {
    assert.throws(() => new Arena({ maxBytes }), {
      code: 'configuration',
      errors: [matching('maxBytes', maxBytes)],
    })
  }
  for (const slotBytes of [0, -1, NaN, MIB]) {
    const made = () => new Arena({ maxBytes: MIB, slotBytes })
    assert.throws(made, { code: 'configuration', errors: [matching('slotBytes', slotBytes)] })
  }
})

test('memory that the system refuses is not lent; what there is goes on being lent', () => {
  const arena = new Arena({ maxBytes: 8 * MIB, slotBytes: 1024 })
  const grow = arena.memory.grow.bind(arena.memory)
  const refusal = new RangeError('no memory')
  arena.memory.grow = (pages) => {
    if (arena.memory.buffer.byteLength + pages * 65_536 > 2 * MIB) throw refusal
    return grow(pages)
  }
  const first = arena.matrices.allocate(MIB) ?? assert.fail()
  // Twice as much is refused, so much is not.
  const second = arena.matrices.allocate(MIB / 2 + 65_536) ?? assert.fail()
  assert.equal(arena.matrices.allocate(MIB), undefined, 'there is room once the first comes back')
  arena.matrices.free(first)
  assert.equal(arena.matrices.allocate(MIB), first)
  assert.throws(() => arena.matrices.allocate(3 * MIB), {
    code: 'arena_full',
    message: /3145728 bytes do not fit in the 1702848 that the system grants/,
    cause: refusal,
  })
  arena.matrices.free(second)
  assert.equal(arena.bytesInUse, MIB)
})

const matching = (path: string, got: number) => ({
  path,
  message: 'out of range',
  got,
  expected: path === 'maxBytes' ? `65536 to ${4096 * MIB}` : `1 to less than ${MIB}`,
})
