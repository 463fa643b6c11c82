// What the doctor says of Node, the machine, pinning and memory: by facts as other machines have them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NUMERICS } from '@cohort/inference'
import type { Topology } from '@cohort/threads'
import type { Check } from './check.js'
import { kernelChecks } from './kernel.js'
import { machineChecks, type MachineFacts } from './machine.js'
import { memoryChecks } from './memory.js'
import { nodeChecks } from './node.js'
import { measuredCheck, pinningChecks, type PinningFacts } from './pinning.js'

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

type Cores = readonly (readonly number[])[]

/** Cores with their CPUs, all on one node or on the nodes by turns. */
function topologyOf(cores: Cores, nodes: readonly number[] = [0]): Topology {
  const rows = cores.flatMap((siblings, i) =>
    siblings.map((cpu, rank) => ({
      rank,
      place: { cpu, siblings, node: nodes[i % nodes.length], capacity: 1024 },
    })),
  )
  const places = rows.toSorted((a, b) => a.rank - b.rank).map(({ place }) => place)
  return { places, cores: cores.length, nodes }
}

const FOUR_CORES = topologyOf([
  [0, 4],
  [1, 5],
  [2, 6],
  [3, 7],
])

const LAPTOP: MachineFacts = {
  all: 8,
  topology: FOUR_CORES,
  quota: undefined,
  throttling: undefined,
  plan: { threads: 3, keepsCore: true },
}

test('a laptop with hyper-threads: a thread for each core but the main thread’s, and why', () => {
  const checks = machineChecks(LAPTOP, undefined)
  assert.equal(said(checks, 'CPUs'), 'ok | the machine has 8 CPUs, this process may use all')
  assert.match(said(checks, 'cores'), /^ok \| 4 cores under 8 CPUs \| a thread for each core/)
  assert.equal(said(checks, 'NUMA nodes'), 'ok | 1, all memory is near')
  assert.equal(said(checks, 'CPU quota'), 'ok | none')
  assert.equal(said(checks, 'throttling'), 'ok | none, without a quota')
  assert.equal(
    said(checks, 'threads'),
    'ok | COHORT_THREADS is not set | a worker starts 3 compute threads | one core is left to its main thread',
  )
})

test('a cpuset, two nodes, a quota: what is left, and what to do about it', () => {
  const facts: MachineFacts = {
    all: 64,
    topology: { ...topologyOf([[3], [40], [2]], [0, 1]), cores: undefined },
    quota: { cpus: 0.25, file: '/sys/fs/cgroup/cpu.max' },
    throttling: { periods: 2000, throttled: 500, seconds: 12.34 },
    plan: { threads: 1, keepsCore: false },
  }
  const checks = machineChecks(facts, undefined)
  assert.match(said(checks, 'CPUs'), /^ok \| .* 64 CPUs, this process may use 3: 2, 3, 40 \| .* cpuset/)
  assert.match(said(checks, 'cores'), /^off \| which CPUs share a core is not known/)
  assert.match(said(checks, 'NUMA nodes'), /^ok \| 2: 0, 1 \| .* stays on one; `up` starts one for each/)
  assert.match(said(checks, 'CPU quota'), /^note \| 0\.25 CPUs of time, by \/sys\/fs\/cgroup\/cpu\.max/)
  assert.match(
    said(checks, 'throttling'),
    /^note \| .* in 500 of 2,000 periods \(25\.0 %\) \| threads stood still for 12\.3 s.* Raise the quota, or lower/,
  )
  assert.match(said(checks, 'threads'), /a worker starts 1 compute thread$/)
})

test('a quota that hardly ever was used up is fine; that the kernel does not count is said', () => {
  const quota = { cpus: 4, file: '/sys/fs/cgroup/cpu.max' }
  const of = (throttling: MachineFacts['throttling']) =>
    said(machineChecks({ ...LAPTOP, quota, throttling }, undefined), 'throttling')
  assert.match(of({ periods: 1000, throttled: 9, seconds: 1 }), /^ok \| .* in 9 of 1,000 periods/)
  assert.match(of({ periods: 1000, throttled: 10, seconds: 1 }), /^note /)
  assert.match(of({ periods: 0, throttled: 0, seconds: 0 }), /^ok /)
  assert.match(of(undefined), /^off /)
})

test('a platform that names no CPU, and threads that somebody asked for', () => {
  const bare = { ...LAPTOP, topology: { places: [], cores: undefined, nodes: undefined } }
  assert.match(said(machineChecks(bare, undefined), 'CPUs'), /^note .* does not say which/)
  assert.match(said(machineChecks(bare, undefined), 'NUMA nodes'), /^off/)
  assert.match(
    said(machineChecks(LAPTOP, 8), 'threads'),
    /^ok \| COHORT_THREADS is 8 \| .* 8 compute threads/,
  )
  assert.match(said(machineChecks(LAPTOP, 9), 'threads'), /^note .* threads take turns.* Unset it: 3 fit/)
})

const PINNED: PinningFacts = {
  machine: { topology: topologyOf([[0], [1], [2], [3]]), quota: undefined, unnamed: 4 },
  trial: { pinned: true, cpu: 0, tid: 7 },
  claimed: [],
  verdict: undefined,
}
const WANTED = { pinning: 'auto', threads: undefined } as const

test('a thread that was pinned, and the cores that nobody has claimed', () => {
  const checks = pinningChecks(PINNED, WANTED)
  assert.match(said(checks, 'threads'), /^ok \| tried: a thread was pinned to CPU 0/)
  assert.equal(said(checks, 'free cores'), 'ok | 4 of 4 free')
})

test('other workers have cores: what a worker that starts now would get', () => {
  const free = (claimed: number[] | undefined, threads?: number, machine = PINNED.machine) =>
    said(pinningChecks({ ...PINNED, machine, claimed }, { ...WANTED, threads }), 'free cores')
  assert.match(
    free([1, 0, 9]),
    /^note \| 2 of 4 free; workers on this machine have CPU 0, 1 \| .* has 2 compute threads \|/,
  )
  assert.match(free([0, 1, 2, 3]), /^note \| 0 of 4 free.* has 1 compute thread, unpinned/)
  assert.match(free([0], 4), /^note \| 3 of 4 free.* has 4 compute threads, 1 of them unpinned/)
  assert.match(free(undefined), /^off \| the system does not show/)
  const siblings = { ...PINNED.machine, topology: FOUR_CORES }
  assert.match(free([4], 6, siblings), /^ok \| 3 of 4 free$/, 'six threads on three cores with two CPUs each')
  assert.match(
    free([0, 5], undefined, siblings),
    /^note \| 2 of 4 free; workers on this machine have CPU 0, 5/,
  )
})

test('pinning that is off, refused, or not there: each with its reason', () => {
  const threads = (facts: Partial<PinningFacts>, pinning: 'auto' | 'on' | 'off' = 'auto') =>
    said(pinningChecks({ ...PINNED, ...facts }, { ...WANTED, pinning }), 'threads')
  assert.match(threads({}, 'off'), /^off \| COHORT_PINNING is off .* Unset COHORT_PINNING/)
  assert.match(threads({ trial: undefined }), /^off \| this platform does not name its CPUs/)
  const reason = 'the system refused to pin to CPU 0 (EPERM)'
  assert.match(threads({ trial: { pinned: false, reason } }), /^note \| the system refused .*seccomp/)
  const verdict = { host: 'h', cpus: [0, 1, 2, 3], threads: 3, ratio: 0.9, at: '2026-01-02T03:04:05.000Z' }
  assert.match(
    threads({ verdict }),
    /^off \| .* \| threads run where the system puts them \| .* 0\.900 times .* COHORT_PINNING=on/,
  )
  assert.match(threads({ verdict }, 'on'), /^ok /)
  assert.match(threads({ verdict: { ...verdict, ratio: 0.98 } }), /^ok /)
})

test('a measurement: what came of it, what follows, and why there is none', () => {
  const verdict = { host: 'h', cpus: [0, 1], threads: 2, ratio: 1.0416, at: '2026-01-02T03:04:05.000Z' }
  const of = (...about: Parameters<typeof measuredCheck>) => said([measuredCheck(...about)], 'measured')
  assert.match(of(undefined), /^off \| nobody has compared .* doctor --measure does/)
  assert.match(
    of(verdict),
    /^ok \| pinned is 1\.042 times as fast as unpinned, 2 threads; measured 2026-.* pin their threads here/,
  )
  const comparison = { ratio: 0.95, least: 0.9, most: 1.1, pairs: 15 }
  const slower = { verdict: { ...verdict, ratio: 0.95 }, comparison, throttled: 0 }
  assert.match(
    of(undefined, slower),
    /^note \| .* 0\.950 times .*; 15 pairs of rounds, 0\.900 to 1\.100 \| workers run unpinned here/,
  )
  assert.match(of(verdict, { ...slower, throttled: 3 }), /^note .* the quota stopped all in 3 periods/)
  assert.equal(of(verdict, { reason: 'no core is free' }), 'off | not measured | no core is free')
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
