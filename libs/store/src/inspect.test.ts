// What is promised of the look at a server: what makes it unfit is a fault, what a user should know is a note.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { factsOf, inspectServer, requireFitServer } from './inspect.js'
import { startTestRedis, type TestRedis } from './testing/redis.js'

let own: TestRedis

before(async () => {
  own = await startTestRedis()
})
afterEach(async () => {
  await own.redis.call(
    'CONFIG',
    'SET',
    'maxmemory-policy',
    'noeviction',
    'appendonly',
    'no',
    'maxmemory',
    '0',
  )
})
after(() => own.stop())

const TELLING = {
  redis_version: '7.0.15',
  maxmemory_policy: 'noeviction',
  maxmemory: '0',
  aof_enabled: '1',
  cluster_enabled: '0',
  role: 'master',
}
const info = (change: object = {}) =>
  `# Server\r\n${Object.entries({ ...TELLING, ...change })
    .map(([name, value]) => `${name}:${value}`)
    .join('\r\n')}\r\n`

test('a server that loses nothing has neither faults nor notes', () => {
  assert.deepEqual(factsOf(info(), 'always'), {
    software: 'redis',
    version: '7.0.15',
    evictionPolicy: 'noeviction',
    appendOnly: true,
    appendFsync: 'always',
    faults: [],
    notes: [],
  })
})

test('a server that cannot be used says why, one sentence each', () => {
  const unfit: [change: object, fault: RegExp][] = [
    [{ redis_version: '6.0.16' }, /redis server is version 6\.0\.16; 6\.2 or later/],
    [{ redis_version: '5.9.9' }, /version 5\.9\.9/],
    [{ maxmemory_policy: 'allkeys-lru' }, /maxmemory-policy is allkeys-lru: .* memory is full\./],
    [{ cluster_enabled: '1' }, /part of a cluster/],
    [{ role: 'slave' }, /replica/],
  ]
  for (const [change, fault] of unfit) {
    const { faults } = factsOf(info(change), 'always')
    assert.equal(faults.length, 1)
    assert.match(faults[0]?.says ?? '', fault)
    assert.match(faults[0]?.mend ?? '', /^(Use|Set) .*\.$/, 'and what to do about it')
  }
  for (const version of ['6.2.0', '7.0.0', '10.1.2'])
    assert.deepEqual(factsOf(info({ redis_version: version }), 'always').faults, [])
})

test('Valkey is known by its own version', () => {
  const { software, version, faults } = factsOf(
    info({ redis_version: '7.2.4', valkey_version: '8.1.0' }),
    'always',
  )
  assert.deepEqual([software, version, faults], ['valkey', '8.1.0', []])
})

test('what may be lost is said', () => {
  const says = (remarks: readonly { says: string }[]) => remarks.map((one) => one.says).join('\n')
  const notes = (change: object, fsync?: string) => says(factsOf(info(change), fsync).notes)
  assert.match(notes({ aof_enabled: '0' }, 'everysec'), /^The server keeps no append-only file.*$/)
  assert.match(notes({}, 'everysec'), /up to two seconds/)
  assert.match(notes({}, 'no'), /half a minute/)
  assert.match(notes({}), /forbids CONFIG/)
  assert.match(notes({ maxmemory: `${2 ** 30}` }, 'always'), /1024 MiB/)
})

test('a real server is seen as it is set', async () => {
  const first = await inspectServer(own.redis)
  assert.deepEqual(
    [first.software, first.evictionPolicy, first.appendOnly, first.faults],
    ['redis', 'noeviction', false, []],
  )
  await own.redis.call(
    'CONFIG',
    'SET',
    'maxmemory-policy',
    'volatile-lru',
    'appendonly',
    'yes',
    'maxmemory',
    '100mb',
  )
  const second = await inspectServer(own.redis)
  assert.deepEqual(
    [second.evictionPolicy, second.appendOnly, second.appendFsync],
    ['volatile-lru', true, 'everysec'],
  )
  assert.deepEqual([second.faults.length, second.notes.length], [1, 2])
})

test('a managed server that forbids CONFIG is used; one that forbids INFO is not', async () => {
  await own.redis.call('ACL', 'SETUSER', 'tenant', 'on', '>pw', '~*', '&*', '+@all', '-config')
  await own.redis.call('ACL', 'SETUSER', 'blind', 'on', '>pw', '~*', '&*', '+@all', '-info')
  const tenant = own.connect()
  await tenant.auth('tenant', 'pw')
  const facts = await inspectServer(tenant)
  assert.deepEqual([facts.faults, facts.evictionPolicy, facts.appendFsync], [[], 'noeviction', 'unknown'])
  const blind = own.connect()
  await blind.auth('blind', 'pw')
  await assert.rejects(
    inspectServer(blind),
    (error) => error instanceof CohortError && error.code === 'redis_unfit',
  )
})

test('a start goes on with a warning for each note, and stops with all that must be changed', async () => {
  const warnings: string[] = []
  const log = { info: () => {}, warn: (message: string) => void warnings.push(message) }
  await requireFitServer(own.redis, log)
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /no append-only file/)
  await own.redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
  await assert.rejects(
    requireFitServer(own.redis, log),
    (error) =>
      error instanceof CohortError &&
      error.code === 'redis_unfit' &&
      /allkeys-lru.*noeviction/.test(error.message),
  )
})
