// The measurement itself: threads really pinned, and what comes of it is kept; beside other workers there is none.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { cpusOf, readTopology, readVerdict, takeCores, wishHere } from '@cohort/threads'
import { comparePools, measurePinning } from './measure.js'

const onLinux = { skip: process.platform !== 'linux' }
const topology = readTopology()
const CPUS = cpusOf(topology)

test('pinned and unpinned threads step agents in turn, at least five pairs of rounds', onLinux, async () => {
  const compared = await comparePools({ cpus: CPUS.slice(0, 2), threads: Math.min(2, CPUS.length) }, 1)
  if ('reason' in compared) return assert.fail(compared.reason)
  const { ratio, least, most, pairs } = compared.comparison
  assert.equal(pairs, 5)
  assert.ok(least > 0 && least <= ratio && ratio <= most, JSON.stringify(compared))
})

test('threads that cannot be pinned are not compared, and why', onLinux, async () => {
  const compared = await comparePools({ cpus: [5000], threads: 1 }, 1)
  assert.match('reason' in compared ? compared.reason : '', /CPU 5000 \(EINVAL\)/)
})

test('a verdict is kept, and the cores are given back', onLinux, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'measure-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const measured = await measurePinning(1, dir)
  if ('reason' in measured) {
    assert.match(measured.reason, /workers of this machine have CPU|other processes hold the rest/)
    assert.ok(!existsSync(join(dir, 'pinning.json')))
    return t.skip(measured.reason)
  }
  assert.deepEqual(readVerdict(dir, topology), measured.verdict)
})

test(
  'beside a worker nothing is measured: it would be in the way, and measured with it',
  onLinux,
  async (t) => {
    const taken = await takeCores(wishHere({ threads: 1 }), 1)
    t.after(() => taken.release())
    const measured = await measurePinning(1, join(tmpdir(), 'nobody-writes-here'))
    assert.match('reason' in measured ? measured.reason : '', /have CPU \d.*: stop them first/)
  },
)
