// `cohort up`, as the README shows it: the first request by curl and by the SDK, and a second worker in another shell.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Cohort } from '@cohort/client'
import { lookAtServer } from '@cohort/store'
import { aPopulation, sightings } from '../support/builders.js'
import { fileOf, kill, type Running, start, terminate } from '../support/processes.js'
import { until } from '../support/until.js'

const run = promisify(execFile)

let dir: string
let up: Running
let url: string
let redisUrl: string
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cohort-up-'))
  up = await start('apps/cli/dist/main.js', { COHORT_DIR: dir, PORT: '0' }, ['up'])
  url = /http:\S+/.exec(up.ready)?.[0] ?? ''
  redisUrl = await until('it prints the REDIS_URL', async () => /REDIS_URL=(\S+)/.exec(up.printed())?.[1])
})
after(async () => {
  await terminate(up)
  await rm(dir, { recursive: true, force: true })
})

test('the first request with curl answers the first actions', async () => {
  const { stdout } = await run('sh', [fileOf('examples/first-step.sh'), url])
  assert.match(stdout, /"status":"completed"/)
})

test('the examples with the SDK do what they say', async () => {
  for (const example of ['first-step', 'enqueue-and-poll']) {
    const { stdout } = await run(process.execPath, [fileOf(`examples/dist/${example}.js`), url])
    assert.match(stdout, /completed/)
  }
})

test('a worker in another shell, with the printed REDIS_URL, takes jobs', async () => {
  const late = await start('apps/cli/dist/main.js', { REDIS_URL: redisUrl, COHORT_LOG_LEVEL: 'debug' }, [
    'worker',
  ])
  const cohort = new Cohort({ url })
  const population = await aPopulation(cohort, { count: 4096, options: { policyLen: 2 } })
  for (let round = 0; !/"message":"a job is done"/.test(late.said()) && round < 100; round++) {
    const { status } = await cohort.steps.run({ population, observations: [sightings(4096, round)] })
    assert.equal(status, 'completed')
  }
  assert.match(late.said(), /"message":"a job is done"/)
  assert.equal(await terminate(late), 0)
})

test('a second one on its port is refused before anything starts, and told of the first', async () => {
  const { port } = new URL(url)
  const env = { ...process.env, COHORT_DIR: dir, PORT: port, REDIS_URL: '' }
  const second = await run(process.execPath, [fileOf('apps/cli/dist/main.js'), 'up'], { env }).then(
    () => assert.fail('it ran'),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  )
  assert.deepEqual([second.code, second.stdout], [1, ''])
  assert.match(
    second.stderr,
    new RegExp(`^cohort: port ${port} on 127\\.0\\.0\\.1 is taken \\(PORT=${port}\\)`),
  )
  assert.ok(second.stderr.includes(`${url}, started in this folder by process ${up.pid}`), second.stderr)
})

test('doctor sees it: its producer, its processes, and the Redis that it started', async () => {
  const { of } = await examined(dir)
  const running = of('system', 'running')
  assert.equal(running.status, 'ok')
  assert.match(running.found, new RegExp(`^${url}, by process ${up.pid} \\(producer \\d+, worker 1 \\d+\\)$`))
  assert.equal(running.chosen, `REDIS_URL=${redisUrl}, started with it and examined below`)
  assert.ok(of('redis', 'server').found.includes(` at ${redisUrl}, `))
  assert.deepEqual([of('redis', 'persistence').status, of('redis', 'data').found], ['ok', join(dir, 'data')])
  assert.deepEqual([of('workers', 'producers').status, of('workers', 'workers').status], ['ok', 'ok'])
})

test('doctor does not see one that was killed', async (t) => {
  const other = await mkdtemp(join(tmpdir(), 'cohort-up-'))
  t.after(() => rm(other, { recursive: true, force: true }))
  const killed = await start('apps/cli/dist/main.js', { COHORT_DIR: other, PORT: '0' }, ['up', '--json'])
  const { redisUrl: its } = JSON.parse(killed.ready) as { redisUrl: string }
  assert.equal((await examined(other)).of('system', 'running').status, 'ok')
  await kill(killed)
  const { of } = await examined(other)
  assert.equal(of('system', 'running').status, 'off')
  assert.match(of('redis', 'server').found, /^REDIS_URL is not given/)
  await until('its Redis has ended', async () => !(await lookAtServer(its, 1000)).reached)
})

interface Check {
  readonly area: string
  readonly name: string
  readonly status: string
  readonly found: string
  readonly chosen?: string
}

/** What `doctor` finds out about the folder. */
async function examined(folder: string) {
  const env = { ...process.env, COHORT_DIR: folder, REDIS_URL: '' }
  const { stdout } = await run(process.execPath, [fileOf('apps/cli/dist/main.js'), 'doctor', '--json'], {
    env,
  })
  const { checks } = JSON.parse(stdout) as { checks: Check[] }
  const of = (area: string, name: string) =>
    checks.find((check) => check.area === area && check.name === name) ?? assert.fail(`${area}: ${name}`)
  return { of }
}
