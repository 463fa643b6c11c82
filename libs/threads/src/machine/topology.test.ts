// What the topology promises, on trees of files as other machines have them.
import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { cpuFiles, recordedTree } from '../testing/tree.js'
import { defaultThreads } from './placement.js'
import { allowedCpus, readTopology, type Topology } from './topology.js'

const said = ({ places, cores, nodes }: Topology) => ({
  allowed: places.map(({ cpu }) => cpu),
  cores,
  nodes,
})

const LAPTOP = cpuFiles('0-7', ['0,4', '1,5', '2,6', '3,7', '0,4', '1,5', '2,6', '3,7'])

test('a laptop with hyper-threads: one thread of each physical core first', (t) => {
  const root = recordedTree(t, LAPTOP)
  assert.deepEqual(allowedCpus(root), [0, 1, 2, 3, 4, 5, 6, 7])
  assert.deepEqual(said(readTopology(root)), {
    allowed: [0, 1, 2, 3, 4, 5, 6, 7],
    cores: 4,
    nodes: undefined,
  })
})

test('siblings numbered side by side: every second one first', (t) => {
  const root = recordedTree(t, cpuFiles('0-5', ['0-1', '0-1', '2-3', '2-3', '4-5', '4-5']))
  assert.deepEqual(allowedCpus(root), [0, 2, 4, 1, 3, 5])
})

test('a cpuset: only its CPUs, and a sibling whose first thread is not in it is a core of its own', (t) => {
  const siblings = ['0,4', '1,5', '2,6', '3,7', '0,4', '1,5', '2,6', '3,7']
  const root = recordedTree(t, cpuFiles('1,4-5,7', siblings))
  assert.deepEqual(allowedCpus(root), [1, 4, 7, 5])
  assert.equal(readTopology(root).cores, 3)
})

test('no topology files: the CPUs in their order', (t) => {
  const root = recordedTree(t, cpuFiles('2-3,8'))
  assert.deepEqual(said(readTopology(root)), { allowed: [2, 3, 8], cores: undefined, nodes: undefined })
  assert.equal(defaultThreads(root), 3)
})

test('NUMA nodes: those that the allowed CPUs are on', (t) => {
  const nodes = {
    'sys/devices/system/node/online': '0-2\n',
    'sys/devices/system/node/node0/cpulist': '0-3\n',
    'sys/devices/system/node/node1/cpulist': '4-7\n',
    'sys/devices/system/node/node2/cpulist': '\n',
  }
  assert.deepEqual(readTopology(recordedTree(t, { ...LAPTOP, ...nodes })).nodes, [0, 1])
  assert.deepEqual(readTopology(recordedTree(t, { ...cpuFiles('5'), ...nodes })).nodes, [1])
})

test('no more threads than the CPU quota keeps busy, and one at the least', (t) => {
  const under = (quota: string) =>
    defaultThreads(
      recordedTree(t, {
        ...LAPTOP,
        'proc/self/cgroup': '0::/\n',
        'proc/self/mountinfo': '25 23 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
        'sys/fs/cgroup/cpu.max': `${quota}\n`,
      }),
    )
  assert.deepEqual(['25000 100000', '150000 100000', '300000 100000', 'max 100000'].map(under), [1, 2, 3, 3])
  assert.equal(under('900000 100000'), 3, 'nor more than there are cores, but the main thread’s')
})

test('a platform without these files has no CPUs to name, and still a number of threads', (t) => {
  const root = recordedTree(t, {})
  assert.deepEqual(said(readTopology(root)), { allowed: [], cores: undefined, nodes: undefined })
  const count = availableParallelism()
  assert.equal(defaultThreads(root), count < 4 ? count : count - 1)
})

test('this machine: what the kernel says of this process', { skip: process.platform !== 'linux' }, () => {
  const cpus = allowedCpus()
  assert.ok(cpus.length >= 1)
  assert.equal(new Set(cpus).size, cpus.length)
  assert.ok(defaultThreads() >= 1 && defaultThreads() <= cpus.length)
})
