// What the quota promises, on trees of files as containers and services have them.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { cpuQuota } from './quota.js'
import { recordedTree } from '../testing/tree.js'

const TWO = '31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n'

/** The quota in CPUs, and the file that it is said in. */
function seen(t: TestContext, files: Readonly<Record<string, string>>) {
  const quota = cpuQuota(recordedTree(t, files))
  return quota && [quota.cpus, quota.file]
}

test('version 2: the smallest on the way up holds', (t) => {
  const files = {
    'proc/self/cgroup': '0::/system.slice/cohort.service\n',
    'proc/self/mountinfo': TWO,
    'sys/fs/cgroup/system.slice/cpu.max': '25000 100000\n',
    'sys/fs/cgroup/system.slice/cohort.service/cpu.max': '200000 100000\n',
    'sys/fs/cgroup/another.slice/cpu.max': '1000 100000\n',
  }
  assert.deepEqual(seen(t, files), [0.25, '/sys/fs/cgroup/system.slice/cpu.max'])
})

test('version 2 in a container: its own group is the topmost that it sees', (t) => {
  const files = {
    'proc/self/cgroup': '0::/\n',
    'proc/self/mountinfo': TWO,
    'sys/fs/cgroup/cpu.max': '150000 100000\n',
  }
  assert.deepEqual(seen(t, files), [1.5, '/sys/fs/cgroup/cpu.max'])
  assert.deepEqual(seen(t, { ...files, 'proc/self/cgroup': '0::/../sibling\n' }), [
    1.5,
    '/sys/fs/cgroup/cpu.max',
  ])
})

test('version 1, and both versions at once', (t) => {
  const files = {
    'proc/self/cgroup': '5:cpuset:/other\n4:memory:/box\n3:cpu,cpuacct:/box\n0::/box\n',
    'proc/self/mountinfo':
      '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n' +
      '34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n' +
      '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n' +
      '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n',
    'sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us': '300000\n',
    'sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us': '100000\n',
    'sys/fs/cgroup/memory/box/cpu.max': '1 100000\n',
    'sys/fs/cgroup/cpuset/box/cpu.max': '1 100000\n',
    'sys/fs/cgroup/cpu,cpuacct/other/cpu.cfs_quota_us': '1000\n',
    'sys/fs/cgroup/cpu,cpuacct/other/cpu.cfs_period_us': '100000\n',
  }
  assert.deepEqual(seen(t, files), [3, '/sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us'])
})

test('version 1 in a container: the mount shows the groups from the container’s own on', (t) => {
  const files = {
    'proc/self/cgroup': '3:cpu:/docker/abc/inner\n',
    'proc/self/mountinfo': '32 31 0:29 /docker/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n',
    'sys/fs/cgroup/cpu/inner/cpu.cfs_quota_us': '25000\n',
    'sys/fs/cgroup/cpu/inner/cpu.cfs_period_us': '100000\n',
    'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
    'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
  }
  assert.deepEqual(seen(t, files), [0.25, '/sys/fs/cgroup/cpu/inner/cpu.cfs_quota_us'])
  const none = { ...files, 'sys/fs/cgroup/cpu/inner/cpu.cfs_quota_us': '-1\n' }
  assert.deepEqual(seen(t, none), [0.5, '/sys/fs/cgroup/cpu/cpu.cfs_quota_us'])
})

test('no quota: none set, no files of this kind', (t) => {
  const unbounded = {
    'proc/self/cgroup': '0::/a\n',
    'proc/self/mountinfo': TWO,
    'sys/fs/cgroup/a/cpu.max': 'max 100000\n',
  }
  assert.equal(seen(t, unbounded), undefined)
  assert.equal(seen(t, { 'proc/self/cgroup': '0::/a\n', 'proc/self/mountinfo': TWO }), undefined)
  assert.equal(seen(t, {}), undefined)
})
