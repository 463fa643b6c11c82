// docker-compose.yml for real: images built, two workers, one of them killed under load, everything ended in order.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Cohort } from '@cohort/client'
import { aPopulation, sightings } from '../support/builders.js'
import { until } from '../support/until.js'
import { type Composed, type Container, openComposed } from './composed.js'
import { query } from './prometheus-server.js'

const opened = await openComposed()
const skip = typeof opened === 'string' ? opened : false
// Nothing below runs where it is a sentence.
const composed = opened as Composed

const OURS = ['producer', 'worker'] as const
const ALL = ['redis', ...OURS, 'prometheus'] as const
/** Of our own code. */
const UNWANTED = /\.test\.js$|\.ts$|\.map$|tsbuildinfo|\/(testing|integration)\//
const DEVELOPMENT = ['typescript', 'oxlint', 'oxfmt', 'knip', 'fast-check', 'puppeteer-core']
const UP_MS = 120_000
const BOARD = 'http://board/queues/'

let cohort: Cohort
before(async () => {
  if (skip !== false) return
  cohort = new Cohort({ url: composed.producer })
  await orSayWhy(async () => {
    await composed.compose('build')
    await composed.compose('up', '--detach', '--scale', 'worker=2')
    await until('two workers are seen', async () => (await running('worker')).length === 2, UP_MS)
    await until('the producer is ready', isReady, UP_MS)
  })
})
after(async () => {
  if (skip === false) await composed.close()
})

test('the images are built, without what only a build or a test needs', { skip }, async (t) => {
  if (composed.standIns.length > 0)
    t.diagnostic(`stand-ins, as no registry could be reached: ${composed.standIns.join(', ')}`)
  for (const service of OURS) {
    const image = `cohort-${service}:0.1.0`
    const inImage = (...command: string[]) =>
      composed.docker(['run', '--rm', '--network', 'none', image, ...command])
    const layers = await composed.docker(['history', '--human=false', '--format', '{{.Size}}', image])
    const [size] = (await composed.docker(['image', 'inspect', '--format', '{{.Size}}', image])).split('\n')
    const added = layers.split('\n').slice(0, OURS_LAYERS)
    t.diagnostic(`${image}: ${inMb(size)} MB, of which ${inMb(...added)} MB are ours`)
    const code = await inImage('find', 'apps', 'libs', '-type', 'f', '-not', '-path', '*/node_modules/*')
    assert.deepEqual(
      code.split('\n').filter((path) => UNWANTED.test(path)),
      [],
      image,
    )
    const packages = (await inImage('ls', 'node_modules')).split('\n')
    assert.deepEqual(
      packages.filter((name) => DEVELOPMENT.includes(name)),
      [],
      image,
    )
    assert.equal(packages.includes('koffi'), service === 'worker', 'the producer pins no threads')
    assert.equal(await inImage('find', '/app', '-user', 'node'), '', `${image}: files that it may change`)
  }
})

test(
  'all run without root, without capabilities and on a file system that they cannot write',
  { skip },
  async () => {
    for (const service of ALL) {
      for (const { Id, HostConfig } of await running(service)) {
        assert.equal(HostConfig.ReadonlyRootfs, true, service)
        assert.deepEqual(HostConfig.CapDrop, ['ALL'], service)
        assert.notEqual((await composed.docker(['exec', Id, 'id', '-u'])).trim(), '0', service)
      }
    }
    for (const service of OURS) {
      const [container] = await running(service)
      assert.ok(container)
      assert.match(container.Config.User, /^[1-9]\d*:[1-9]\d*$/)
      await assert.rejects(
        composed.docker(['exec', container.Id, 'touch', '/app/x']),
        /Read-only file system/,
      )
    }
  },
)

test('each has a health check that it passes', { skip }, async () => {
  for (const service of ['redis', ...OURS]) await allHealthy(service)
})

test('a step is answered through the published port', { skip }, async () => {
  const population = await aPopulation(cohort, { count: 256 })
  const batch = await cohort.steps.run({ population, observations: [sightings(256)] })
  assert.equal(batch.status, 'completed')
  assert.deepEqual((await cohort.populations.get(population)).steps, { total: 256, min: 1, max: 1 })
})

test('the pages and what they load are in the image', { skip }, async () => {
  const pages = ['/', '/live/page.css', '/live/page.js', '/docs', '/queues', '/openapi.json', '/metrics']
  const queues = await (await fetch(`${composed.producer}/queues`)).text()
  const scripts = [...queues.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, path = '']) => path)
  assert.ok(scripts.length > 0, queues)
  for (const path of [...pages, ...scripts.map((script) => new URL(script, BOARD).pathname)]) {
    const response = await fetch(`${composed.producer}${path}`)
    assert.equal(response.status, 200, path)
    assert.ok((await response.text()).length > 100, path)
  }
})

test('Prometheus finds both workers and the producer', { skip }, async () => {
  await until(
    'three targets are up',
    async () => {
      const up = await query(composed.prometheus, 'up == 1')
      const jobs = up.map(({ metric }) => metric['job']).sort()
      return jobs.filter((job) => job === 'worker').length === 2 && jobs.includes('producer')
    },
    UP_MS,
  )
})

test('of two workers one is killed under load: every step is applied exactly once', { skip }, async () => {
  // Four full jobs a round, each of them long enough to be caught in the middle.
  const count = 16_384
  const rounds = 8
  const population = await aPopulation(cohort, { count, options: { policyLen: 3 } })
  const [victim] = await running('worker')
  assert.ok(victim)
  let round = 0
  let killedIn: Promise<number> | undefined
  for (; round < rounds; round++) {
    const quarters = [0, 1, 2, 3].map((quarter) =>
      cohort.steps.run({
        population,
        agents: { from: (quarter * count) / 4, count: count / 4 },
        observations: [sightings(count / 4, round)],
        t: round,
      }),
    )
    if (round === 2) killedIn = composed.docker(['kill', victim.Id]).then(() => round)
    for (const batch of await Promise.all(quarters)) {
      assert.deepEqual(batch.errors ?? [], [])
      assert.equal(batch.status, 'completed')
    }
  }
  assert.ok(((await killedIn) ?? rounds) < rounds - 1, 'it was killed under load')
  assert.equal((await running('worker')).length, 1)
  const { steps } = await cohort.populations.get(population)
  assert.deepEqual(steps, { total: count * rounds, min: rounds, max: rounds })
  await composed.docker(['start', victim.Id])
})

test('what is stopped ends in order, and what it had answered is still there', { skip }, async () => {
  const population = await aPopulation(cohort, { count: 1024, options: { policyLen: 3 } })
  await allHealthy('worker')
  const workers = await running('worker')
  const step = cohort.steps.run({ population, observations: [sightings(1024)] })
  await composed.docker(['stop', workers[0]?.Id ?? ''])
  assert.equal((await step).status, 'completed')
  await composed.compose('stop')
  const exits = await Promise.all(OURS.map(async (service) => [service, await exitCodes(service)]))
  assert.deepEqual(exits, [
    ['producer', [0]],
    ['worker', [0, 0]],
  ])
  await composed.compose('up', '--detach', '--scale', 'worker=1')
  await until('the producer is ready again', isReady, UP_MS)
  assert.deepEqual((await cohort.populations.get(population)).steps, { total: 1024, min: 1, max: 1 })
})

test('one that is stopped in the middle of its start is not waited for and killed', { skip }, async () => {
  const killed = 137
  for (const service of OURS) {
    await composed.compose('stop', service)
    const [container] = await composed.containers(service)
    assert.ok(container)
    await composed.docker(['start', container.Id])
    await composed.docker(['stop', container.Id])
    assert.ok(!(await exitCodes(service)).includes(killed), service)
  }
})

/** The layers that our Dockerfile puts on the base image, the last ones first. */
const OURS_LAYERS = 8

const inMb = (...bytes: (string | undefined)[]): number =>
  Math.round(bytes.reduce((sum, text) => sum + Number(text ?? 0), 0) / 100_000) / 10

const running = async (service: string): Promise<Container[]> =>
  (await composed.containers(service)).filter(({ State }) => State.Status === 'running')

async function allHealthy(service: string): Promise<void> {
  const isHealthy = async () => {
    const containers = await running(service)
    return containers.length > 0 && containers.every(({ State }) => State.Health?.Status === 'healthy')
  }
  await until(`${service} is healthy`, isHealthy, UP_MS)
}

const exitCodes = async (service: string): Promise<number[]> =>
  (await composed.containers(service)).map(({ State }) => State.ExitCode)

const isReady = (): Promise<boolean> =>
  cohort.ready({ signal: AbortSignal.timeout(2000) }).then(
    () => true,
    () => false,
  )

/** What the containers said is gone with them: it goes into the error. */
async function orSayWhy(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const logs = await composed.compose('logs', '--tail', '40')
    throw new Error(`${String(error)}\n${logs}`, { cause: error })
  }
}
