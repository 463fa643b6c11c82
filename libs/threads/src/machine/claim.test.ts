// What a claim promises: no core has two owners, and who looks sees it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { recordedTree } from '../testing/tree.js'
import { numbers, onLinux } from '../testing/unreal-cpus.js'
import { claimCore, claimedCpus } from './claim.js'

test(
  'a core has one owner, whichever of its CPUs is asked for, until it is given back',
  onLinux,
  async () => {
    const [a = 0, b = 0, c = 0] = numbers(3)
    const release = await claimCore([a, b])
    assert.equal(await claimCore([a]), undefined)
    assert.equal(await claimCore([c, b]), undefined)
    const other = await claimCore([c])
    assert.ok(other, 'what was claimed of a core that could not be had is given back')
    await release?.()
    await release?.()
    const again = await claimCore([a, b])
    assert.ok(again)
    await Promise.all([again(), other()])
  },
)

test('who looks sees the claims of all CPUs, and takes none', onLinux, async (t) => {
  const [a = 0, b = 0, nobodys = 0] = numbers(3)
  const release = await claimCore([a, b])
  const seen = claimedCpus() ?? []
  assert.deepEqual(
    [a, b, nobodys].map((cpu) => seen.includes(cpu)),
    [true, true, false],
  )
  await release?.()
  assert.equal(claimedCpus()?.includes(a), false)
  assert.equal(claimedCpus(recordedTree(t, {})), undefined)
})

test('who connects to a claim is hung up on, and the claim holds', onLinux, async () => {
  const cpus = numbers(1)
  const release = await claimCore(cpus)
  const socket = connect({ path: `\0cohort-cpu-${cpus[0]}` })
  await once(socket.resume(), 'close')
  assert.equal(await claimCore(cpus), undefined)
  await release?.()
})
