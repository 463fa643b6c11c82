// What a process that takes cores is promised: its own ones, on one node, also where others take some at the same time.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { numbers, onLinux, topologyOf } from '../testing/unreal-cpus.js'
import { claimCore } from './claim.js'
import { takeCores } from './take-cores.js'
import type { Topology } from './topology.js'

/** A machine of one node, a CPU a core. */
const flat = (cpus: readonly number[]) => topologyOf([cpus.map((cpu) => [cpu])])

const take = (topology: Topology, threads?: number, most = 1024) =>
  takeCores({ topology, quota: undefined, threads, unnamed: 1 }, most)

test('the best that are free are taken, in their order, and given back on release', onLinux, async () => {
  const [a = 0, b = 0, c = 0] = numbers(3)
  const first = await take(flat([b, a, c]), 2)
  assert.deepEqual(first.cpus, [b, a])
  assert.equal(first.note, undefined)
  const second = await take(flat([b, a, c]), 2)
  assert.deepEqual([second.cpus, second.threads], [[c], 2])
  assert.match(second.note ?? '', /1 of 2 wanted CPUs claimed: other processes hold the rest/)
  await first.release()
  await first.release()
  const third = await take(flat([b, a, c]), 2)
  assert.deepEqual(third.cpus, [b, a])
  await Promise.all([second.release(), third.release()])
})

test('more wanted than allowed, and none named: said', onLinux, async () => {
  const cpus = numbers(2)
  const taken = await take(flat(cpus), 3)
  assert.deepEqual(taken.cpus, cpus)
  assert.match(taken.note ?? '', /2 of 3 wanted CPUs claimed: this process may use no more than 2/)
  await taken.release()
  const none = await take(flat([]), undefined, 5)
  assert.deepEqual([none.cpus, none.threads], [[], 5])
  assert.match(none.note ?? '', /does not say which CPUs there are/)
})

test('who is not told how many takes a core more than threads, for the main thread', onLinux, async () => {
  const cpus = numbers(4)
  const taken = await take(flat(cpus))
  assert.deepEqual([taken.cpus, taken.threads], [cpus.slice(0, 3), 3])
  assert.equal(await claimCore(cpus.slice(3)), undefined)
  await taken.release()
  const fewer = await take(flat(cpus), undefined, 1)
  assert.deepEqual([fewer.cpus, fewer.threads], [cpus.slice(0, 1), 1])
  await fewer.release()
})

test(
  'siblings: only one’s own, and only where more threads were asked for than there are cores',
  onLinux,
  async () => {
    const [a = 0, b = 0, c = 0, d = 0] = numbers(4)
    const topology = topologyOf([
      [
        [a, c],
        [b, d],
      ],
    ])
    const one = await take(topology, 1)
    const two = await take(topology, 2)
    assert.deepEqual([one.cpus, two.cpus], [[a], [b, d]])
    const three = await take(topology)
    assert.deepEqual([three.cpus, three.threads], [[], 1])
    await Promise.all([one, two, three].map((taken) => taken.release()))
  },
)

test(
  'two nodes: each of two workers has one, and its CPUs are told; none is, where threads are on both',
  onLinux,
  async () => {
    const near = numbers(2)
    const far = numbers(2)
    const topology = topologyOf([near.map((cpu) => [cpu]), far.map((cpu) => [cpu])])
    const [one, two] = [await take(topology), await take(topology)]
    assert.deepEqual([one.cpus, one.node, two.cpus, two.node], [near, near, far, far])
    await Promise.all([one.release(), two.release()])
    const both = await take(topology, 3)
    assert.deepEqual([both.cpus, both.node], [[...near, ...far.slice(0, 1)], undefined])
    await both.release()
    const single = await take(flat(near))
    assert.equal(single.node, undefined)
    await single.release()
  },
)

test(
  'workers that start at the same moment are on different nodes, and no CPU is taken twice',
  onLinux,
  async (t) => {
    const nodes = [numbers(3), numbers(3), numbers(3)]
    const topology = topologyOf(nodes.map((cpus) => cpus.map((cpu) => [cpu])))
    const workers = nodes.map(() => claimer(t, topology))
    const taken = (await Promise.all(workers.map(({ claimed }) => claimed))).map(({ cpus }) => cpus)
    assert.deepEqual(
      taken.flat().toSorted((a, b) => a - b),
      nodes.flat(),
    )
    for (const cpus of taken)
      assert.ok(
        nodes.some((node) => cpus.every((cpu) => node.includes(cpu))),
        JSON.stringify(taken),
      )
  },
)

test('what a process has taken is free after kill -9 of it', onLinux, async (t) => {
  const cpus = numbers(1)
  const { child, claimed } = claimer(t, flat(cpus), 1)
  assert.deepEqual((await claimed).cpus, cpus)
  assert.deepEqual((await take(flat(cpus), 1)).cpus, [])
  child.kill('SIGKILL')
  await once(child, 'exit')
  const taken = await take(flat(cpus), 1)
  assert.deepEqual(taken.cpus, cpus)
  await taken.release()
})

/** A process of its own that takes cores; it ends with the test. */
function claimer(t: TestContext, topology: Topology, threads?: number) {
  const file = fileURLToPath(new URL('../testing/claimer.js', import.meta.url))
  const child = spawn(process.execPath, [file, JSON.stringify({ topology, threads, unnamed: 1 })], {
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
