// What the doctor says of settings: what an app refuses is a fault, and what nothing reads is named.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Environment, faultLine } from '@cohort/contracts'
import { readSettings, settingsChecks } from './settings.js'

const COHORT = fileURLToPath(new URL('../main.js', import.meta.url))
const PAGE = new URL('../../../../docs/reference/environment.md', import.meta.url)

const rowsOf = (env: Environment) =>
  settingsChecks(readSettings(env)).map(({ status, found, mend }) => [status, found, mend])
const faultsOf = (env: Environment) => readSettings(env).faults.map(faultLine)

/** The variables of docs/reference/environment.md. */
const documented = readFileSync(PAGE, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name))

/** The faults with which the app itself does not start: the lines that open with a variable. */
function refusals(app: 'producer' | 'worker', env: Environment): string[] {
  const { PATH } = process.env
  const { status, stderr } = spawnSync(process.execPath, [COHORT, app], {
    encoding: 'utf8',
    env: { PATH, ...env },
  })
  assert.equal(status, 2, stderr)
  const lines = stderr.split('\n').map((line) => line.trim())
  return lines.filter((line) => documented.some((name) => line.startsWith(name)))
}

test('settings are named without their values; what does not fit is a fault by its variable', () => {
  assert.deepEqual(rowsOf({ HOME: '/h', COHORT_THREADS: '' }), [['ok', 'no variable is set', undefined]])
  assert.deepEqual(rowsOf({ REDIS_URL: 'redis://:pw@h', COHORT_THREADS: '2', OTEL_X: 'y', PORT: '80' }), [
    ['ok', 'set: COHORT_THREADS, OTEL_X, PORT, REDIS_URL', undefined],
  ])
  const wrong = rowsOf({ COHORT_THREADS: 'many', COHORT_MAX_FACTORS: '0', REDIS_URL: 'http://:pw@h' })
  assert.deepEqual(
    wrong.map(([status, found]) => [status, found?.split(' ')[0]]),
    ['REDIS_URL', 'COHORT_MAX_FACTORS', 'COHORT_THREADS'].map((name) => ['fault', name]),
  )
  assert.doesNotMatch(JSON.stringify(wrong), /pw/)
})

test('whatever a producer or a worker refuses is a fault here, and nothing else is', () => {
  const cases: Environment[] = [
    Object.fromEntries(documented.map((name) => [name, '?'])),
    {
      REDIS_URL: 'redis://127.0.0.1:1',
      COHORT_MAX_AGENT_BYTES: '1000000',
      COHORT_MAX_WAITING_STEPS: '10',
      COHORT_ARENA_BYTES: '2000000',
    },
  ]
  for (const env of cases) {
    const refused = new Set([...refusals('producer', env), ...refusals('worker', env)])
    assert.ok(refused.size > 2)
    assert.deepEqual(faultsOf(env).toSorted(), [...refused].toSorted())
  }
})

test('a variable that nothing reads is named, with the one that may be meant', () => {
  const of = (name: string) => rowsOf({ [name]: 'x' }).slice(1)
  const note = (name: string, meant: string) => [
    'note',
    `${name} is set, and neither a command nor a producer or worker reads it`,
    `${meant}docs/reference/environment.md has them all.`,
  ]
  assert.deepEqual(of('COHORT_THRADS'), [note('COHORT_THRADS', 'Is COHORT_THREADS meant? ')])
  assert.deepEqual(of('COHORT_GATHER'), [note('COHORT_GATHER', 'Is COHORT_GATHER_MS meant? ')])
  assert.deepEqual(of('COHORT_DIRS'), [note('COHORT_DIRS', 'Is COHORT_DIR meant? ')])
  assert.deepEqual(of('COHORT_WORKERS'), [note('COHORT_WORKERS', '')])
  const both = rowsOf({ COHORT_THREADS: 'many', COHORT_THRADS: '3' }).map(([status]) => status)
  assert.deepEqual(both, ['fault', 'note'])
  const { unread } = readSettings(Object.fromEntries(documented.map((name) => [name, '?'])))
  assert.deepEqual(unread, [])
})
