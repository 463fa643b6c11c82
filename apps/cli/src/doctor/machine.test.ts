// What the doctor says of Node, the machine, pinning and memory: by facts as other machines have them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NUMERICS } from '@cohort/inference'
import type { Check } from './check.js'
import { kernelChecks } from './kernel.js'
import { machineChecks, type MachineFacts } from './machine.js'
import { memoryChecks } from './memory.js'
import { nodeChecks } from './node.js'
import { pinningChecks, type PinningFacts } from './pinning.js'

/** Status and words of the check of that name, in one line. */
function said(checks: readonly Check[], name: string): string {
  const found = checks.find((check) => check.name === name) ?? assert.fail(`no check ${name}`)
  const { status, found: what, chosen, why, mend } = found
  return [status, what, chosen, why, mend].filter((text) => text !== undefined).join(' | ')
}

test('a Node in the range of package.json is fine, one outside of it is a fault', () => {
  const wanted = '>=26.0.0 <27'
  const of = (version: string) => said(nodeChecks({ version, wanted }), 'version')
  assert.equal(of('26.10.0'), 'ok | 26.10.0; package.json asks for >=26.0.0 <27')
  assert.match(of('26.0.0'), /^ok/)
  assert.match(of('24.9.9'), /^fault \| 24\.9\.9, but package\.json asks for .*npm run -s cohort/)
  assert.match(of('27.0.0'), /^fault/)
  assert.match(of('100.0.0'), /^fault/)
  assert.match(said(nodeChecks({ version: '26.10.0', wanted: undefined }), 'version'), /^note/)
})

const LAPTOP: MachineFacts = {
  all: 8,
  topology: { allowed: [0, 1, 2, 3, 4, 5, 6, 7], cores: 4, nodes: [0] },
  quota: undefined,
  defaultThreads: 4,
}

test('a laptop with hyper-threads: a thread for each core, and why', () => {
  const checks = machineChecks(LAPTOP, undefined)
  assert.equal(said(checks, 'CPUs'), 'ok | the machine has 8 CPUs, this process may use all')
  assert.match(said(checks, 'cores'), /^ok \| 4 cores under 8 CPUs \| a thread for each core/)
  assert.equal(said(checks, 'NUMA nodes'), 'ok | 1, all memory is near')
  assert.equal(said(checks, 'CPU quota'), 'ok | none')
  assert.equal(said(checks, 'threads'), 'ok | COHORT_THREADS is not set | a worker starts 4 compute threads')
})

test('a cpuset, two nodes, a quota: what is left, and what to do about it', () => {
  const facts: MachineFacts = {
    all: 64,
    topology: { allowed: [3, 40, 2], cores: undefined, nodes: [0, 1] },
    quota: { cpus: 0.25, file: '/sys/fs/cgroup/cpu.max' },
    defaultThreads: 1,
  }
  const checks = machineChecks(facts, undefined)
  assert.match(said(checks, 'CPUs'), /^ok \| .* 64 CPUs, this process may use 3: 2, 3, 40 \| .* cpuset/)
  assert.match(said(checks, 'cores'), /^off \| which CPUs share a core is not known/)
  assert.match(said(checks, 'NUMA nodes'), /^note \| 2: 0, 1 .* numactl --cpunodebind=N/)
  assert.match(said(checks, 'CPU quota'), /^note \| 0\.25 CPUs of time, by \/sys\/fs\/cgroup\/cpu\.max/)
  assert.match(said(checks, 'threads'), /a worker starts 1 compute thread$/)
})

test('a platform that names no CPU, and threads that somebody asked for', () => {
  const bare = { ...LAPTOP, topology: { allowed: [], cores: undefined, nodes: undefined } }
  assert.match(said(machineChecks(bare, undefined), 'CPUs'), /^note .* does not say which/)
  assert.match(said(machineChecks(bare, undefined), 'NUMA nodes'), /^off/)
  assert.match(
    said(machineChecks(LAPTOP, 8), 'threads'),
    /^ok \| COHORT_THREADS is 8 \| .* 8 compute threads/,
  )
  assert.match(said(machineChecks(LAPTOP, 9), 'threads'), /^note .* threads take turns.* Unset it: 4 fit/)
})

const PINNED: PinningFacts = {
  allowed: [0, 1, 2, 3],
  trial: { pinned: true, cpu: 0, tid: 7 },
  claimed: [],
}
const WANTED = { pinning: true, threads: 4, told: false }

test('a thread that was pinned, and the CPUs that nobody has claimed', () => {
  const checks = pinningChecks(PINNED, WANTED)
  assert.match(said(checks, 'threads'), /^ok \| tried: a thread was pinned to CPU 0/)
  assert.equal(said(checks, 'free CPUs'), 'ok | 4 of 4 free')
})

test('other workers have CPUs: what a worker that starts now would get', () => {
  const free = (claimed: number[] | undefined, told = false) =>
    said(pinningChecks({ ...PINNED, claimed }, { ...WANTED, told }), 'free CPUs')
  assert.match(
    free([1, 0, 9]),
    /^note \| 2 of 4 free; workers on this machine have 0, 1 \| .* has 2 compute threads \|/,
  )
  assert.match(free([0, 1, 2, 3]), /^note \| 0 of 4 free.* has 1 compute thread, unpinned/)
  assert.match(free([0], true), /^note \| 3 of 4 free.* has 4 compute threads, 1 of them unpinned/)
  assert.match(free(undefined), /^off \| the system does not show/)
})

test('pinning that is off, refused, or not there: each with its reason', () => {
  const threads = (facts: Partial<PinningFacts>, pinning = true) =>
    said(pinningChecks({ ...PINNED, ...facts }, { ...WANTED, pinning }), 'threads')
  assert.match(threads({}, false), /^off \| COHORT_PINNING is off .* Unset COHORT_PINNING/)
  assert.match(threads({ trial: undefined }), /^off \| this platform does not name its CPUs/)
  const reason = 'the system refused to pin to CPU 0 (EPERM)'
  assert.match(threads({ trial: { pinned: false, reason } }), /^note \| the system refused .*seccomp/)
})

test('memory: what is there against what an arena may take', () => {
  const GIB = 2 ** 30
  const of = (available: number, limit?: number) =>
    said(memoryChecks({ total: 16 * GIB, available, limit }, GIB / 2), 'arena')
  assert.match(of(8.5 * GIB), /^ok \| 8\.5 GiB available of 16 GiB \| .* up to 512 MiB/)
  assert.match(
    of(GIB / 4, GIB),
    /^note \| 256 MiB available of the 1 GiB that its control group allows .* Lower COHORT_ARENA_BYTES/,
  )
})

test('the kernel is told with what its rows are marked by', () => {
  const found = new RegExp(`^ok \\| WebAssembly with SIMD, strict arithmetic; numerics ${NUMERICS}`)
  assert.match(said(kernelChecks(), 'kernel'), found)
})
