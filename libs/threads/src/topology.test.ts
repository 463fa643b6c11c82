// What the topology promises, on trees of files as other machines have them.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { allowedCpus, defaultThreads } from './topology.js'

test('a laptop with hyper-threads: one thread of each physical core first', (t) => {
  const root = tree(t, { allowed: '0-7', siblings: ['0,4', '1,5', '2,6', '3,7', '0,4', '1,5', '2,6', '3,7'] })
  assert.deepEqual(allowedCpus(root), [0, 1, 2, 3, 4, 5, 6, 7])
  assert.equal(defaultThreads(root, 8), 4)
  assert.equal(defaultThreads(root, 3), 3, 'a cgroup quota of three CPUs')
})

test('siblings numbered side by side: every second one first', (t) => {
  const root = tree(t, { allowed: '0-5', siblings: ['0-1', '0-1', '2-3', '2-3', '4-5', '4-5'] })
  assert.deepEqual(allowedCpus(root), [0, 2, 4, 1, 3, 5])
})

test('a cpuset: only its CPUs, and a sibling whose first thread is not in it is a core of its own', (t) => {
  const siblings = ['0,4', '1,5', '2,6', '3,7', '0,4', '1,5', '2,6', '3,7']
  assert.deepEqual(allowedCpus(tree(t, { allowed: '1,4-5,7', siblings })), [1, 4, 7, 5])
})

test('no topology files: the CPUs in their order', (t) => {
  const root = tree(t, { allowed: '2-3,8', siblings: [] })
  assert.deepEqual(allowedCpus(root), [2, 3, 8])
  assert.equal(defaultThreads(root, 64), 3)
})

test('a platform without these files has no CPUs to name, and still a number of threads', (t) => {
  const root = tree(t, { allowed: undefined, siblings: [] })
  assert.deepEqual(allowedCpus(root), [])
  assert.equal(defaultThreads(root), availableParallelism())
})

test('this machine: what the kernel says of this process', { skip: process.platform !== 'linux' }, () => {
  const cpus = allowedCpus()
  assert.ok(cpus.length >= 1)
  assert.equal(new Set(cpus).size, cpus.length)
  assert.ok(defaultThreads() >= 1 && defaultThreads() <= cpus.length)
})

function tree(
  t: TestContext,
  { allowed, siblings }: { allowed: string | undefined; siblings: readonly string[] },
): string {
  const root = mkdtempSync(join(tmpdir(), 'topology-'))
  t.after(() => rmSync(root, { recursive: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  if (allowed !== undefined)
    write('proc/self/status', `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${allowed}\n`)
  siblings.forEach((list, cpu) =>
    write(`sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, `${list}\n`),
  )
  return root
}
