// Promises of what a thread needs beside a model: it is counted before it is made, and the count is right.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import fc from 'fast-check'
import { makeScratch } from '../scratch.js'
import { allKinds, madeModel, onlyRead } from '../testing/models.js'
import { refusal } from '../testing/refusal.js'
import { validateModel } from './check/validate.js'
import { compileModel } from './compile.js'
import { mapModel } from './compiled.js'
import { scratchBytes, threadBytes } from './memory.js'

/** Bytes of all buffers that can be reached from it, but for one. */
function reachableBytes(root: unknown, shared: ArrayBufferLike): number {
  const seen = new Set<unknown>([shared])
  let bytes = 0
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (!ArrayBuffer.isView(value)) return Object.values(value).forEach(walk)
    if (seen.has(value.buffer)) return
    seen.add(value.buffer)
    bytes += value.buffer.byteLength
  }
  walk(root)
  return bytes
}

test('the bytes of a scratch are those of all arrays that are made for it, whatever the model', () => {
  fc.assert(
    fc.property(allKinds, (recipe) => {
      const valid = validateModel(onlyRead(madeModel(recipe)), DEFAULT_LIMITS)
      const compiled = compileModel(valid)
      const buffer = new SharedArrayBuffer(compiled.length)
      new Uint8Array(buffer).set(compiled)
      const made = reachableBytes(makeScratch(mapModel(buffer, 0)), buffer)
      const counted = scratchBytes(valid)
      assert.ok(made <= counted && counted <= made + 256, `${made} made, ${counted} counted`)
      assert.ok(threadBytes(valid) >= counted)
    }),
    { numRuns: 500 },
  )
})

/** One state, one outcome, so many actions: each is a number in the model. */
const wide = (actions: number, options: Model['options']): Model => ({
  A: [[[1]]],
  B: [[[new Array<number>(actions).fill(1)]]],
  options: { controllable: [], ...options },
})

test('a small model that would make each thread hold gigabytes is refused before it does', () => {
  const models = [
    wide(1_000_000, { policyLen: 64 }),
    wide(500_000, { planning: 'sophisticated', horizon: 16 }),
    // A view for each action, though it has one number.
    wide(600_000, {}),
  ]
  for (const model of models) {
    const before = process.memoryUsage().arrayBuffers
    const { code, message, errors } = refusal(model)
    assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 20)
    assert.deepEqual([code, errors.map(({ path }) => path)], ['model_too_large', ['modelBytes']])
    assert.match(message, /modelBytes: \d+ is over the limit \(\d+ compiled and \d+ in each thread/)
  }
  assert.doesNotThrow(() => validateModel(wide(1000, { policyLen: 64 }), DEFAULT_LIMITS))
})
