// What a trial promises: an answer from a thread that was really pinned, and no other thread touched.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { allowedCpus, cpusAllowedIn } from './topology.js'
import { tryPinning } from './trial.js'

const onLinux = { skip: process.platform !== 'linux' }

test('a CPU that is allowed: pinned, in a thread that is not this one', onLinux, async () => {
  const [cpu = 0] = allowedCpus()
  const pinning = await tryPinning(cpu)
  assert.deepEqual([pinning.pinned, pinning.pinned && pinning.cpu], [true, cpu])
  assert.notEqual(pinning.pinned && pinning.tid, process.pid)
  const ours = cpusAllowedIn(readFileSync('/proc/thread-self/status', 'utf8'))
  assert.deepEqual(
    ours,
    allowedCpus().toSorted((a, b) => a - b),
  )
})

test('a CPU that is not there: not pinned, and why', onLinux, async () => {
  assert.deepEqual(await tryPinning(5000), {
    pinned: false,
    reason: 'the system refused to pin to CPU 5000 (EINVAL)',
  })
})
