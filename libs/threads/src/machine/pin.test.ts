// What the mask says to the kernel; that threads are pinned by it is in pool.test.ts
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { affinityMask } from './pin.js'

test('the mask names one CPU, also one of more than a thousand', () => {
  fc.assert(
    fc.property(fc.nat(5000), (cpu) => {
      const mask = affinityMask(cpu)
      assert.equal(mask.length % 8, 0)
      const named = [...mask].flatMap((byte, at) =>
        [...Array(8).keys()].filter((bit) => byte & (1 << bit)).map((bit) => at * 8 + bit),
      )
      assert.deepEqual(named, [cpu])
    }),
  )
})
