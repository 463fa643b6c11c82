// A verdict on pinning counts on the machine and the CPUs that it was measured with, and below 0.98 alone.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { LAPTOP, VM } from '../testing/machines.js'
import { recordedTree } from '../testing/tree.js'
import { readTopology } from './topology.js'
import { readVerdict, slowerPinned, verdictOf, writeVerdict } from './verdict.js'

const AT = '2026-01-02T03:04:05.000Z'

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'verdict-'))
  t.after(() => rmSync(dir, { recursive: true }))
  return join(dir, 'not', 'there', 'yet')
}

test('what was written is read again on the same machine with the same CPUs, and nowhere else', (t) => {
  const dir = folder(t)
  const topology = readTopology(recordedTree(t, LAPTOP))
  assert.equal(readVerdict(dir, topology), undefined)
  const verdict = verdictOf({ threads: 3, ratio: 0.9, at: AT }, topology)
  assert.deepEqual(verdict, {
    host: hostname(),
    cpus: [0, 1, 2, 3, 4, 5, 6, 7],
    threads: 3,
    ratio: 0.9,
    at: AT,
  })
  writeVerdict(dir, verdict)
  assert.deepEqual(readVerdict(dir, topology), verdict)
  assert.equal(readVerdict(dir, readTopology(recordedTree(t, VM))), undefined)
  writeVerdict(dir, { ...verdict, host: 'another' })
  assert.equal(readVerdict(dir, topology), undefined)
  for (const text of ['{"host', 'null', `{"host":"${hostname()}"}`]) {
    writeFileSync(join(dir, 'pinning.json'), text)
    assert.equal(readVerdict(dir, topology), undefined, text)
  }
})

test('under 0.98 threads are better left unpinned, from there on they are pinned', (t) => {
  const topology = readTopology(recordedTree(t, VM))
  const of = (ratio: number) => slowerPinned(verdictOf({ threads: 3, ratio, at: AT }, topology))
  assert.match(of(0.979) ?? '', /^pinned threads were 0\.979 times as fast.*2026-01-02/)
  assert.deepEqual([of(0.98), of(1.5), slowerPinned(undefined)], [undefined, undefined, undefined])
})
