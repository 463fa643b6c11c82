// `cohort up`, as the README shows it: the first request by curl and by the SDK, and a second worker in another shell.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Cohort } from '@cohort/client'
import { aPopulation, sightings } from '../support/builders.js'
import { fileOf, type Running, start, terminate } from '../support/processes.js'
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
