// The examples run as they are printed, each of them, and are short enough to be read before they are run.
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { aPopulation } from '../support/builders.js'
import { fileOf, start, terminate } from '../support/processes.js'
import { startSystem, type System } from '../support/system.js'

let system: System
before(async () => {
  system = await startSystem({ workers: 1 })
})
after(() => system.stop())

const run = promisify(execFile)
const built = async (name: string, ...args: string[]): Promise<string> =>
  (await run(process.execPath, [fileOf(`examples/dist/${name}.js`), ...args])).stdout

const hasCurl = spawnSync('curl', ['--version']).error === undefined

/** What each is run by, under the name that it has in its folder. */
const EXAMPLES: Readonly<Record<string, { skip?: string | false; run: () => Promise<void> }>> = {
  'first-step.sh': {
    skip: !hasCurl && 'there is no curl here',
    async run() {
      const { stdout } = await run('/bin/sh', [fileOf('examples/first-step.sh'), system.url])
      assert.match(stdout, /"modelId":"[0-9a-f]{64}"[^]*"state":"ready"[^]*"status":"completed"/)
    },
  },
  'first-step.ts': {
    async run() {
      assert.match(
        await built('first-step', system.url),
        /^model [0-9a-f]{12} with 3 policies\ncompleted \[ 'right', 'stay', 'right' \]\nagent 0, step 1/,
      )
    },
  },
  'enqueue-and-poll.ts': {
    async run() {
      const printed = await built('enqueue-and-poll', system.url)
      assert.match(printed, /^queued b-.*\ncompleted \[\s*10, 11[^]*refused: /)
    },
  },
  'read-events.ts': {
    async run() {
      const lines = (await built('read-events', system.url)).trim().split('\n')
      const jobs = lines.slice(0, -1).map((line) => /^job (\d+) of (\d+): agent \d+ does [01]$/.exec(line))
      assert.ok(jobs.length > 2 && jobs.every((job) => Number(job?.[2]) === jobs.length), lines.join('\n'))
      assert.equal(lines.at(-1), 'completed: 50000 of 50000 agents stepped')
    },
  },
  'job-by-hand.ts': {
    async run() {
      const population = await aPopulation(system.cohort, { count: 3 })
      const printed = await built('job-by-hand', system.redis.url, population)
      const { ok, columns } = JSON.parse(printed) as { ok: boolean; columns: { step: number[] } }
      assert.deepEqual([ok, columns.step], [true, [1, 1, 1]])
      assert.equal((await system.cohort.populations.get(population)).steps.total, 3)
    },
  },
  models: {
    async run() {
      const [model, names] = ['tmaze.json', 'tmaze.names.json'].map((name) =>
        fileOf(`examples/models/${name}`),
      )
      const seen = 'centre,nothing,-;cue,nothing,right;right arm,reward,-'
      const flags = ['--names', names ?? '', '--observations', seen]
      const { stdout } = await run(process.execPath, [
        fileOf('apps/cli/dist/main.js'),
        'explain',
        model ?? '',
        ...flags,
      ])
      assert.match(stdout, /does {6}go to cue [^]*it explores[^]*does {6}go to right arm [^]*it exploits/)
    },
  },
  nest: {
    async run() {
      const service = await start('examples/dist/nest/main.js', {}, [system.url, '0'])
      const url = `${/http:\S+/.exec(service.ready)?.[0]}/lamps`
      const see = async (index: number, outcome: number) => {
        const headers = { 'content-type': 'application/json' }
        const body = JSON.stringify({ outcome })
        const response = await fetch(`${url}/${index}`, { method: 'POST', headers, body })
        return {
          status: response.status,
          body: (await response.json()) as { action?: number; code?: string },
        }
      }
      const all = await Promise.all(Array.from({ length: 50 }, (_, index) => see(index, index % 2)))
      assert.ok(all.every(({ body }) => body.action === 1))
      assert.equal((await system.cohort.populations.get('lamps')).steps.total, 50)
      const refused = await see(7, 2)
      assert.deepEqual([refused.status, refused.body.code], [400, 'observation_out_of_range'])
      await terminate(service)
      // A service that is started again goes on with the agents that it had.
      const again = await start('examples/dist/nest/main.js', {}, [system.url, '0'])
      await terminate(again)
    },
  },
}

for (const [name, { skip = false, run: runs }] of Object.entries(EXAMPLES))
  test(`examples/${name} runs`, { skip }, runs)

test('without a producer the examples of the SDK say in one line what was tried and what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise((closed) => server.close(closed))
  const says = async (name: string) => {
    const { code, stderr } = await built(name, url).then(
      () => assert.fail(`${name} went well`),
      (failed: { code: number; stderr: string }) => failed,
    )
    assert.equal(code, 1)
    const tried = `GET ${url}/readyz: no connection (ECONNREFUSED), tried 5 times. No producer answers at ${url}: `
    assert.ok(stderr.startsWith(tried), stderr)
    assert.match(stderr, /^.*`npm run -s cohort -- up`.*\n$/)
  }
  await Promise.all(['first-step', 'enqueue-and-poll', 'read-events'].map(says))
})

const NOT_EXAMPLES = ['README.md', 'dist', 'node_modules', 'package.json', 'tsconfig.json']

test('each example is run, named on the page of examples, and has at most 40 lines a file', () => {
  const names = readdirSync(fileOf('examples')).filter((name) => !NOT_EXAMPLES.includes(name))
  assert.deepEqual(Object.keys(EXAMPLES).sort(), names.sort())
  const page = readFileSync(fileOf('examples/README.md'), 'utf8')
  for (const name of names) assert.ok(page.includes(`(${name}`), `${name} is not on the page`)
  const files = readdirSync(fileOf('examples'), { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((path) => /^(?!dist|node_modules).*\.(ts|sh)$/.test(path))) {
    const lines = readFileSync(fileOf(`examples/${file}`), 'utf8')
      .trim()
      .split('\n').length
    assert.ok(lines <= 40, `${file} has ${lines} lines`)
  }
})
