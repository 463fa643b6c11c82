// What is promised of migrations: the sum over threads, and nothing where the kernel says nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordedTree } from '../testing/tree.js'
import { migrationsOf } from './migrations.js'

const sched = (count: number) =>
  `node (7, #threads: 9)\nse.exec_start  : 1.5\nse.nr_migrations    :       ${count}\n`

test('those of all threads that the kernel tells of', (t) => {
  const root = recordedTree(t, { 'proc/self/task/11/sched': sched(3), 'proc/self/task/12/sched': sched(40) })
  assert.equal(migrationsOf([11, 12, 13, null], root), 43)
  assert.equal(migrationsOf([13, null], root), undefined)
})
