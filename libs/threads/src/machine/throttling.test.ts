// What is told of throttling: counts of the groups that have a quota, in both versions, in seconds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTAINER_V1, CONTAINER_V2, VM } from '../testing/machines.js'
import { recordedTree } from '../testing/tree.js'
import { readThrottling } from './throttling.js'

test('version 2 counts microseconds, version 1 nanoseconds', (t) => {
  assert.deepEqual(readThrottling(recordedTree(t, CONTAINER_V2)), {
    periods: 1200,
    throttled: 300,
    seconds: 4.5,
  })
  assert.deepEqual(readThrottling(recordedTree(t, CONTAINER_V1)), {
    periods: 50,
    throttled: 20,
    seconds: 2.5,
  })
})

test('groups with a quota are added up, the others are not looked at', (t) => {
  const stat = (count: number) =>
    `nr_periods ${10 * count}\nnr_throttled ${count}\nthrottled_usec ${count}000000\n`
  const root = recordedTree(t, {
    'proc/self/cgroup': '0::/a/b/c\n',
    'proc/self/mountinfo': '25 23 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    'sys/fs/cgroup/a/cpu.max': '200000 100000\n',
    'sys/fs/cgroup/a/cpu.stat': stat(1),
    'sys/fs/cgroup/a/b/cpu.max': 'max 100000\n',
    'sys/fs/cgroup/a/b/cpu.stat': stat(100),
    'sys/fs/cgroup/a/b/c/cpu.max': '100000 100000\n',
    'sys/fs/cgroup/a/b/c/cpu.stat': stat(2),
  })
  assert.deepEqual(readThrottling(root), { periods: 30, throttled: 3, seconds: 3 })
})

test('no quota, or a kernel that does not count: nothing to tell', (t) => {
  assert.equal(readThrottling(recordedTree(t, VM)), undefined)
  const mute = { ...CONTAINER_V2, 'sys/fs/cgroup/cpu.stat': 'usage_usec 1\n' }
  assert.equal(readThrottling(recordedTree(t, mute)), undefined)
})
