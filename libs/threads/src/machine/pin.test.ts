// What the mask says to the kernel, and that a thread is kept on several CPUs; one pinned to one is in pool.test.ts
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { affinityMask, keepThisThreadOn } from './pin.js'
import { cpusAllowedIn } from './topology.js'

test('the mask names the CPUs, also those of more than a thousand', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(5000), { minLength: 1, maxLength: 20 }), (cpus) => {
      const mask = affinityMask(cpus)
      assert.equal(mask.length % 8, 0)
      const named = [...mask].flatMap((byte, at) =>
        [...Array(8).keys()].filter((bit) => byte & (1 << bit)).map((bit) => at * 8 + bit),
      )
      assert.deepEqual(
        named,
        cpus.toSorted((a, b) => a - b),
      )
    }),
  )
})

test('a thread is kept on several CPUs, and one that is not there is said', () => {
  if (process.platform !== 'linux') {
    assert.deepEqual(keepThisThreadOn([0]), {
      kept: false,
      reason: `threads cannot be pinned on ${process.platform}`,
    })
    return
  }
  const allowed = () => cpusAllowedIn(readFileSync('/proc/thread-self/status', 'utf8'))
  const before = allowed()
  const [first = 0] = before
  const short = keepThisThreadOn([first, 5000])
  assert.equal(short.kept, false)
  assert.match(short.kept ? '' : short.reason, /CPU \d+, 5000, but the thread is allowed on \d+$/)
  assert.deepEqual(allowed(), [first])
  assert.equal(keepThisThreadOn(before.toReversed()).kept, true)
  assert.deepEqual(allowed(), before)
})
