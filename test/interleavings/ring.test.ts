// Every interleaving of a producer and a consumer: each record once, whole and in order, and the dropped ones counted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ring } from '@cohort/threads/sync'
import { HastyRing } from './broken.js'
import { explore, type Explored } from './explore.js'

const SHAPE = { records: 2, fields: 2 }

/** What the consumer saw, and then what is left, is what was pushed and not dropped. */
function explored(Pushed: typeof Ring | typeof HastyRing, pushes: number, pops: number): Explored {
  const record = new Float64Array(SHAPE.fields)
  const ringOn = (buffer: SharedArrayBuffer) => new Ring({ buffer, offset: 0 }, SHAPE)
  const popFrom = (ring: Ring) => (ring.pop(record) ? [[...record]] : [])
  return explore({
    bytes: Ring.bytes(SHAPE),
    threads: [
      (buffer) => {
        const ring = new Pushed({ buffer, offset: 0 }, SHAPE)
        return Array.from({ length: pushes }, (_, i) => [i, 10 * i]).filter((one) => ring.push(one))
      },
      (buffer) => {
        const ring = ringOn(buffer)
        return Array.from({ length: pops }, () => popFrom(ring)).flat()
      },
    ],
    check([pushed, popped], buffer) {
      const ring = ringOn(buffer)
      const left = [...popFrom(ring), ...popFrom(ring), ...popFrom(ring)]
      assert.deepEqual([...(popped as number[][]), ...left], pushed)
      assert.equal(ring.dropped, pushes - (pushed as number[][]).length)
    },
  })
}

for (const [pushes, pops] of [
  [1, 2],
  [2, 2],
  [4, 3],
] as const) {
  test(`${pushes} pushes into a ring of 2 records, and ${pops} pops`, (t) => {
    const { interleavings, states } = explored(Ring, pushes, pops)
    t.diagnostic(`${interleavings} interleavings, ${states} states`)
  })
}

test('the checker finds a ring that publishes a record before it is written', () => {
  assert.throws(() => explored(HastyRing, 1, 1), /a race: plain write/)
})
