// Which cores a worker claims and how many threads it has, on machines of all kinds, by their recorded files.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import * as machines from '../testing/machines.js'
import { recordedTree } from '../testing/tree.js'
import { coresOf, defaultThreads, planPlacement, threadsEach, type Wish, wishHere } from './placement.js'
import { readTopology } from './topology.js'

type Files = Readonly<Record<string, string>>

/** The first CPU of each core of the plan, in its order, and how many threads. */
function planned(t: TestContext, files: Files, wish: Partial<Wish> = {}) {
  const plan = planPlacement({ ...wishHere({ root: recordedTree(t, files) }), unnamed: 10, ...wish })
  return [plan.threads, plan.keepsCore, plan.cores.map(({ cpus: [first] }) => first)]
}

test('a laptop: a thread a core, never on siblings, and one core for the main thread', (t) => {
  assert.deepEqual(planned(t, machines.LAPTOP), [3, true, [0, 1, 2, 3]])
  const cores = coresOf(readTopology(recordedTree(t, machines.LAPTOP)))
  assert.deepEqual(cores[1], { cpus: [1, 5], siblings: [1, 5], node: 0 })
})

test('a laptop with efficiency cores: the fast ones compute, a slow one is the main thread’s', (t) => {
  assert.deepEqual(planned(t, machines.HYBRID_LAPTOP), [7, true, [0, 2, 4, 6, 8, 9, 10, 11]])
  const { places } = readTopology(recordedTree(t, machines.HYBRID_LAPTOP))
  assert.deepEqual(
    places.map(({ cpu }) => cpu),
    [0, 2, 4, 6, 8, 9, 10, 11, 1, 3, 5, 7],
  )
  assert.deepEqual(
    places.filter(({ capacity }) => capacity < 1024).map(({ cpu }) => cpu),
    [8, 9, 10, 11],
  )
})

test('a server of two sockets: one node, the other for the next worker, both where many are asked for', (t) => {
  const [one, two] = [
    [0, 1, 2, 3, 4, 5, 6, 7],
    [8, 9, 10, 11, 12, 13, 14, 15],
  ] as const
  assert.deepEqual(planned(t, machines.SERVER), [7, true, one])
  assert.deepEqual(planned(t, machines.SERVER, { claimed: one }), [7, true, two])
  assert.deepEqual(planned(t, machines.SERVER, { threads: 12 }), [12, false, [...one, ...two]])
  assert.deepEqual(planned(t, machines.SERVER, { threads: 12, claimed: [2] }), [
    12,
    false,
    [...two, ...one.filter((cpu) => cpu !== 2)],
  ])
})

test('a core of which another worker has one thread is not free; without a free one there is one thread', (t) => {
  assert.deepEqual(planned(t, machines.LAPTOP, { claimed: [0, 5] }), [2, false, [2, 3]])
  assert.deepEqual(planned(t, machines.LAPTOP, { claimed: [0, 1, 2, 3] }), [1, false, []])
})

test('a virtual machine without siblings: a core a CPU', (t) => {
  assert.deepEqual(planned(t, machines.VM), [3, true, [0, 1, 2, 3]])
  const two = { ...machines.VM, 'proc/self/status': 'Cpus_allowed_list:\t0-1\n' }
  assert.deepEqual(planned(t, two), [2, false, [0, 1]], 'of two cores none is kept free')
  const three = { ...machines.VM, 'proc/self/status': 'Cpus_allowed_list:\t1-3\n' }
  assert.deepEqual(planned(t, three), [3, false, [1, 2, 3]])
})

test('containers: their cpuset, the node with the most of it, and no more threads than the quota keeps busy', (t) => {
  assert.deepEqual(planned(t, machines.CONTAINER_V2), [3, true, [4, 5, 6, 7]])
  const { places, cores, nodes } = readTopology(recordedTree(t, machines.CONTAINER_V2))
  assert.deepEqual(
    places.map(({ cpu, node }) => [cpu, node]),
    [
      ...[4, 5, 6, 7].map((cpu) => [cpu, 0]),
      ...[8, 9].map((cpu) => [cpu, 1]),
      ...[20, 21, 22, 23].map((cpu) => [cpu, 0]),
    ],
  )
  assert.deepEqual([cores, nodes], [6, [0, 1]])
  const quota = { cpus: 1.5, file: 'cpu.max' }
  assert.deepEqual(planned(t, machines.CONTAINER_V2, { quota }), [2, false, [4, 5, 6, 7]])
  assert.deepEqual(planned(t, machines.CONTAINER_V1), [2, false, [0, 1, 2, 3]])
  const four = { cpus: 4, file: 'cpu.max' }
  assert.equal(planned(t, machines.SERVER, { quota: four })[0], 3, 'the main thread’s time is of the quota')
})

test('an ARM machine: big cores first; a CPU of which nothing is said is a core of its own', (t) => {
  assert.deepEqual(planned(t, machines.ARM), [7, true, [4, 5, 6, 7, 0, 1, 2, 3]])
  const { cores, nodes } = readTopology(recordedTree(t, machines.ARM))
  assert.deepEqual([cores, nodes], [undefined, undefined])
})

test('macOS names no CPU: threads by their number, nothing to claim', (t) => {
  assert.deepEqual(planned(t, machines.MACOS), [9, true, []])
  assert.deepEqual(planned(t, machines.MACOS, { unnamed: 2 }), [2, false, []])
  assert.deepEqual(planned(t, machines.MACOS, { threads: 4 }), [4, false, []])
})

test('workers that share a machine: its cores and its quota by their number', (t) => {
  const each = (files: Files, workers: number) => threadsEach(workers, recordedTree(t, files))
  assert.deepEqual(
    [1, 2, 3, 4, 8, 64].map((workers) => each(machines.SERVER, workers)),
    [15, 7, 4, 3, 2, 1],
  )
  assert.deepEqual([each(machines.CONTAINER_V1, 1), each(machines.CONTAINER_V1, 2)], [2, 1])
  assert.equal(defaultThreads(recordedTree(t, machines.SERVER)), 7)
})
