// Every interleaving of a writer and its readers: what is read is what one write wrote, and never an older one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SequenceLock } from '@cohort/threads/sync'
import { TrustingTable } from './broken.js'
import { explore, type Explored } from './explore.js'

/** Numbers of which both halves differ from one to the next. */
const TABLES = [[0], [Math.PI], [-Math.E]]
const TRIES = 2

function explored(
  Read: typeof SequenceLock | typeof TrustingTable,
  readers: number,
  reads: number,
): Explored {
  const reader = (buffer: SharedArrayBuffer) => {
    const table = new Read({ buffer, offset: 0 }, 1)
    const into = new Float64Array(1)
    return Array.from({ length: reads }, () =>
      table.read(into, TRIES) ? TABLES.findIndex(([of]) => of === into[0]) : [],
    )
  }
  return explore({
    bytes: SequenceLock.bytes(1),
    threads: [
      (buffer) => {
        const table = new SequenceLock({ buffer, offset: 0 }, 1)
        for (const values of TABLES.slice(1)) table.write(values)
      },
      ...Array.from({ length: readers }, () => reader),
    ],
    check([, ...seen]) {
      for (const times of seen as (number | never[])[][]) {
        const found = times.flat()
        assert.ok(!found.includes(-1), 'a torn table')
        assert.deepEqual(found, found.toSorted(), 'an older table after a newer one')
      }
    },
  })
}

for (const [readers, reads] of [
  [1, 2],
  [2, 1],
] as const) {
  test(`two writes, and ${readers} reader(s) of ${reads} read(s), each with two tries`, (t) => {
    const { interleavings, states } = explored(SequenceLock, readers, reads)
    t.diagnostic(`${interleavings} interleavings, ${states} states`)
  })
}

test('the checker finds a reader that does not look at the number again', () => {
  assert.throws(() => explored(TrustingTable, 1, 1), /a torn table/)
})
