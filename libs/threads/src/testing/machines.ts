// For tests: the kernel's files of machines that we do not have, as far as we read them. Made a tree by tree.ts
import { cpuFiles } from './tree.js'

type Files = Readonly<Record<string, string>>

/** CPU → the list of its core, where siblings are a step apart: `0,4`. */
const apart = (cores: number, step: number): string[] =>
  Array.from({ length: 2 * cores }, (_, cpu) => `${cpu % step},${(cpu % step) + step}`)

const alone = (cpus: number): string[] => Array.from({ length: cpus }, (_, cpu) => String(cpu))

const nodeFiles = (...lists: readonly string[]): Files => ({
  'sys/devices/system/node/online': `${lists.length === 1 ? '0' : `0-${lists.length - 1}`}\n`,
  ...Object.fromEntries(
    lists.map((list, node) => [`sys/devices/system/node/node${node}/cpulist`, `${list}\n`]),
  ),
})

const capacityFiles = (capacities: readonly number[]): Files =>
  Object.fromEntries(
    capacities.map((capacity, cpu) => [`sys/devices/system/cpu/cpu${cpu}/cpu_capacity`, `${capacity}\n`]),
  )

/** Four cores with two threads each, numbered 0–3 and once more. */
export const LAPTOP: Files = { ...cpuFiles('0-7', apart(4, 4)), ...nodeFiles('0-7') }

/** Four fast cores with two threads each, numbered side by side, then four efficiency cores. */
export const HYBRID_LAPTOP: Files = {
  ...cpuFiles('0-11', ['0-1', '0-1', '2-3', '2-3', '4-5', '4-5', '6-7', '6-7', '8', '9', '10', '11']),
  ...nodeFiles('0-11'),
  'sys/devices/cpu_core/cpus': '0-7\n',
  'sys/devices/cpu_atom/cpus': '8-11\n',
}

/** Two sockets with eight cores each and two threads a core; its second threads are numbered after all first ones. */
export const SERVER: Files = { ...cpuFiles('0-31', apart(16, 16)), ...nodeFiles('0-7,16-23', '8-15,24-31') }

/** A virtual machine whose host keeps the siblings to itself. */
export const VM: Files = { ...cpuFiles('0-3', alone(4)), ...nodeFiles('0-3') }

/** On that server: a cpuset of ten CPUs on both sockets, and time for five and a half. */
export const CONTAINER_V2: Files = {
  ...SERVER,
  ...cpuFiles('4-9,20-23', apart(16, 16)),
  'proc/self/cgroup': '0::/\n',
  'proc/self/mountinfo': '25 23 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
  'sys/fs/cgroup/cpu.max': '550000 100000\n',
  'sys/fs/cgroup/cpu.stat':
    'usage_usec 9000000\nuser_usec 8000000\nsystem_usec 1000000\n' +
    'nr_periods 1200\nnr_throttled 300\nthrottled_usec 4500000\nnr_bursts 0\nburst_usec 0\n',
}

/** No cpuset, and time for one and a half CPUs, with control groups of version 1. */
export const CONTAINER_V1: Files = {
  ...VM,
  'proc/self/cgroup': '4:cpu,cpuacct:/docker/abc\n3:cpuset:/docker/abc\n0::/\n',
  'proc/self/mountinfo':
    '32 31 0:29 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n' +
    '34 31 0:31 /docker/abc /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n',
  'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '150000\n',
  'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
  'sys/fs/cgroup/cpu,cpuacct/cpu.stat': 'nr_periods 50\nnr_throttled 20\nthrottled_time 2500000000\n',
}

/** Four small cores, four big ones; of the last two the kernel does not say who shares their core, nor of nodes. */
export const ARM: Files = {
  ...cpuFiles('0-7', alone(6)),
  ...capacityFiles([446, 446, 446, 446, 1024, 1024, 1024, 1024]),
}

/** None of these files. */
export const MACOS: Files = {}
