// Each compute thread is allowed on its one core, and two workers do not share one while there are enough.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { after, before, test } from 'node:test'
import { aPopulation, sightings } from '../support/builders.js'
import { startSystem, type System } from '../support/system.js'

const cores = availableParallelism()
const skip =
  process.platform === 'linux' ? false : `threads are pinned on Linux only, this is ${process.platform}`

let system: System
before(async () => {
  system = await startSystem({ workers: Math.min(2, cores) })
})
after(() => system.stop())

test('/proc shows one thread of each worker allowed on a core of its own', { skip }, async (t) => {
  // Cores are claimed on the whole machine: a Cohort that runs beside the tests may have them.
  const unpinned = system.workers.filter(({ ready }) => ready.includes('unpinned'))
  if (unpinned.length > 0 && (await claimsOfOthers()) > 0)
    return t.skip('another Cohort has cores of this machine')
  const pinned = await Promise.all(system.workers.map((worker) => pinnedThreads(worker.pid)))
  for (const threads of pinned) assert.equal(threads.length, 1, 'one compute thread, pinned')
  assert.equal(new Set(pinned.flat()).size, system.workers.length, 'no core twice')
})

test('a worker that is started later, by the printed REDIS_URL, takes jobs', async () => {
  const { cohort } = system
  const population = await aPopulation(cohort, { count: 256 })
  const late = await system.addWorker()
  for (const worker of system.workers.filter((one) => one !== late)) worker.process.kill('SIGTERM')
  await Promise.all(system.workers.filter((one) => one !== late).map((one) => one.ended))
  const batch = await cohort.steps.run({ population, observations: [sightings(256)] })
  assert.equal(batch.status, 'completed')
})

/** Names that the processes of other systems are listening on, as the kernel lists them. */
async function claimsOfOthers(): Promise<number> {
  const sockets = await readFile('/proc/net/unix', 'utf8')
  const claimed = new Set(sockets.match(/@cohort-cpu-\d+/g) ?? [])
  const ours = system.workers.filter(({ ready }) => !ready.includes('unpinned')).length
  return claimed.size - ours
}

/** The cores of those threads of a process that may run on one core only. */
async function pinnedThreads(pid: number): Promise<string[]> {
  const tasks = await readdir(`/proc/${pid}/task`)
  const statuses = await Promise.all(tasks.map((tid) => readFile(`/proc/${pid}/task/${tid}/status`, 'utf8')))
  return statuses
    .map((status) => /Cpus_allowed_list:\s*(\S+)/.exec(status)?.[1] ?? '')
    .filter((list) => /^\d+$/.test(list))
}
