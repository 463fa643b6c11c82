// What a worker's ready line says, as data.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { workerObject } from './worker.js'

test('threads that are pinned, some of them, none', () => {
  const cpus = (cores: string) => workerObject(`pid 7, threads 3, cores ${cores}, health http://h:1`, 7)
  const of = (list: number[]) => ({ pid: 7, threads: 3, cpus: list, health: 'http://h:1' })
  assert.deepEqual(cpus('0,12,3'), of([0, 12, 3]))
  assert.deepEqual(cpus('4'), of([4]))
  assert.deepEqual(cpus('0,1 + 1 unpinned'), of([0, 1]))
  assert.deepEqual(cpus('3 unpinned'), of([]))
})
