// What a claim promises: no CPU has two owners, and none is kept by the dead.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { claimCpus, claimedCpus } from './claim.js'
import { recordedTree } from '../testing/tree.js'

// Numbers that no machine has, other ones in each test and each run: a claim does not ask whether the CPU is
// there.
let next = 1_000_000 + process.pid * 100
const numbers = (count: number) => Array.from({ length: count }, () => next++)
const onLinux = { skip: process.platform !== 'linux' }

test('the best that are free are taken, in their order, and given back on release', onLinux, async () => {
  const [a = 0, b = 0, c = 0] = numbers(3)
  const first = await claimCpus([b, a, c], 2)
  assert.deepEqual(first.cpus, [b, a])
  assert.equal(first.note, undefined)
  const second = await claimCpus([b, a, c], 2)
  assert.deepEqual(second.cpus, [c])
  assert.match(second.note ?? '', /1 of 2 wanted CPUs claimed: other processes hold the rest/)
  await first.release()
  await first.release()
  const third = await claimCpus([b, a, c], 2)
  assert.deepEqual(third.cpus, [b, a])
  await Promise.all([second.release(), third.release()])
})

test('more wanted than allowed, and none allowed: said', onLinux, async () => {
  const cpus = numbers(2)
  const claim = await claimCpus(cpus, 3)
  assert.deepEqual(claim.cpus, cpus)
  assert.match(claim.note ?? '', /2 of 3 wanted CPUs claimed: this process may use no more than 2/)
  await claim.release()
  const none = await claimCpus([], 1)
  assert.deepEqual(none.cpus, [])
  assert.match(none.note ?? '', /0 of 1/)
})

test('two processes that claim at once do not get the same CPU', onLinux, async (t) => {
  const cpus = numbers(4)
  const claimers = Array.from({ length: 3 }, () => claimer(t, cpus, 2))
  const taken = (await Promise.all(claimers.map(({ claimed }) => claimed))).flatMap((claim) => claim.cpus)
  assert.deepEqual(taken.toSorted(), cpus)
})

test('a claim is gone after kill -9 of its owner', onLinux, async (t) => {
  const cpus = numbers(1)
  const { child, claimed } = claimer(t, cpus, 1)
  assert.deepEqual((await claimed).cpus, cpus)
  assert.deepEqual((await claimCpus(cpus, 1)).cpus, [])
  child.kill('SIGKILL')
  await once(child, 'exit')
  const claim = await claimCpus(cpus, 1)
  assert.deepEqual(claim.cpus, cpus)
  await claim.release()
})

test('who looks sees the claims of all processes, and takes none', onLinux, async (t) => {
  const [mine = 0, theirs = 0, nobodys = 0] = numbers(3)
  const claim = await claimCpus([mine], 1)
  await claimer(t, [theirs], 1).claimed
  const seen = claimedCpus() ?? []
  assert.deepEqual(
    [mine, theirs, nobodys].map((cpu) => seen.includes(cpu)),
    [true, true, false],
  )
  await claim.release()
  assert.equal(claimedCpus()?.includes(mine), false)
  assert.equal(claimedCpus(recordedTree(t, {})), undefined)
})

test('who connects to a claim is hung up on, and the claim holds', onLinux, async () => {
  const cpus = numbers(1)
  const claim = await claimCpus(cpus, 1)
  const socket = connect({ path: `\0cohort-cpu-${cpus[0]}` })
  await once(socket.resume(), 'close')
  assert.deepEqual((await claimCpus(cpus, 1)).cpus, [])
  await claim.release()
})

/** A process of its own that claims; it ends with the test. */
function claimer(t: TestContext, allowed: readonly number[], wanted: number) {
  const file = fileURLToPath(new URL('../testing/claimer.js', import.meta.url))
  const child = spawn(process.execPath, [file, allowed.join(','), String(wanted)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => ended(child))
  const claimed = once(createInterface(child.stdout), 'line').then(
    ([line]) => JSON.parse(String(line)) as { cpus: number[]; note?: string },
  )
  return { child, claimed }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
