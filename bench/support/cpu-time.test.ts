// Promises of the CPU time: it is what the system says of a process, and it grows with work.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { cpuSecondsOf } from './cpu-time.js'

const skip = existsSync('/proc/self/stat') ? false : 'this system has no /proc'

test('the CPU time of a process is what it says itself', { skip }, () => {
  const own = () => process.cpuUsage().user + process.cpuUsage().system
  while (own() < 300_000) Math.hypot(1, 2)
  const before = own() / 1e6
  const told = cpuSecondsOf([process.pid]) ?? NaN
  // Two hundredths are each rounded down.
  assert(told > before - 0.021 && told <= own() / 1e6 + 0.001, `${told}, expected about ${before}`)
  assert.equal(cpuSecondsOf([]), 0)
})
