// What the doctor says of Redis, given or to be started, and of who is on it: by facts as other servers have them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServerLook } from '@cohort/store'
import type { Check } from './check.js'
import { ownRedisChecks, type OwnRedisFacts } from './own-redis.js'
import { redisChecks, type ServerSeen, workerChecks } from './redis.js'

const lines = (checks: readonly Check[]): string[] =>
  checks.map(({ name, status, found, chosen, why, mend }) =>
    [`${name} ${status}`, found, chosen, why, mend].filter((text) => text !== undefined).join(' | '),
  )

const SEEN: ServerSeen = {
  at: 'redis://r:6379',
  reached: true,
  facts: {
    software: 'redis',
    version: '7.4.1',
    evictionPolicy: 'noeviction',
    appendOnly: true,
    appendFsync: 'always',
    faults: [],
    notes: [],
  },
  roundTripMs: 0.2345,
  workers: [],
  damagedWorkers: [],
  producers: 0,
}

test('a server as it should be', () => {
  assert.deepEqual(lines(redisChecks(SEEN)), [
    'server ok | redis 7.4.1 at redis://r:6379, round trip 0.23 ms',
    'eviction ok | maxmemory-policy noeviction',
    'persistence ok | append-only file, fsync always',
  ])
})

test('a server that must be changed, and one that promises less: what, and how to change it', () => {
  const facts: ServerSeen['facts'] = {
    ...SEEN.facts,
    evictionPolicy: 'allkeys-lru',
    appendFsync: 'everysec',
    faults: [{ about: 'eviction', says: 'It would drop agents.', mend: 'Set it to noeviction.' }],
    notes: [{ about: 'persistence', says: 'Two seconds may be lost.' }],
  }
  assert.deepEqual(lines(redisChecks({ ...SEEN, facts })).slice(1), [
    'eviction fault | It would drop agents | Set it to noeviction.',
    'persistence note | Two seconds may be lost',
  ])
})

test('a server of our own: how it writes is a fact with its meaning, not somebody’s oversight', () => {
  const notes = [{ about: 'persistence', says: 'Two seconds may be lost.', mend: 'Set it.' }] as const
  const facts: ServerSeen['facts'] = { ...SEEN.facts, appendFsync: 'everysec', notes }
  const [server, , persistence, data] = lines(redisChecks({ ...SEEN, facts }, '/here/data'))
  assert.match(server ?? '', /^server ok .* \| started by the system of this folder that runs$/)
  assert.match(
    persistence ?? '',
    /^persistence ok \| append-only file, fsync everysec \| .*loses nothing.*two seconds/,
  )
  assert.equal(data, 'data ok | /here/data')
  // Somebody has changed it since it was started.
  const changed = lines(redisChecks({ ...SEEN, facts: { ...facts, appendFsync: 'no' } }, '/here/data'))
  assert.ok(changed.includes('persistence note | Two seconds may be lost | Set it.'))
})

test('a server that is away, or wants a password', () => {
  const away = (reason: string) =>
    lines(redisChecks({ at: 'redis://r:6379', reached: false, reason }))[0] ?? ''
  assert.match(
    away('ECONNREFUSED'),
    /^server fault \| redis:\/\/r:6379 cannot be used: ECONNREFUSED \| Start it/,
  )
  assert.match(
    away('it closes the connection at once: its protected mode or a firewall may be the reason'),
    /protected mode or a firewall may be the reason \| See its log, `bind` and `protected-mode`/,
  )
  assert.match(away('it asks for a password'), /redis:\/\/user:password@host:port/)
})

test('who is on it: each worker with its threads, and how to start what is missing', () => {
  const of = (look: ServerLook | undefined) => lines(workerChecks(look))
  assert.deepEqual(of(undefined), [
    'workers off | not looked for | no REDIS_URL is given, and nothing of this folder runs',
  ])
  assert.match(of({ at: '', reached: false, reason: '' })[0] ?? '', /Redis was not reached/)
  const [producers, workers] = of(SEEN)
  assert.match(producers ?? '', /^producers note \| none on this Redis \| .*cohort -- producer$/)
  assert.match(workers ?? '', /^workers note \| none .* steps wait .*cohort -- worker$/)
  const progress = { upMs: 1, steps: 0, threads: [] }
  const seen = [
    { id: 'a', host: 'h', pid: 7, threads: 3, cpus: [0, 1, null], progress },
    { id: 'b', host: 'h', pid: 8, threads: 1, cpus: [null], progress },
  ]
  assert.deepEqual(of({ ...SEEN, workers: seen, producers: 2 }), [
    'producers ok | 2 on this Redis',
    'workers ok | h, process 7: 3 compute threads on CPUs 0, 1, 1 unpinned',
    'workers ok | h, process 8: 1 compute thread unpinned',
  ])
  const [, , damaged] = of({ ...SEEN, damagedWorkers: ['w-x'] })
  assert.match(damaged ?? '', /^workers note \| what w-x says of itself is damaged \| it is not counted/)
  assert.match(of({ ...SEEN, producers: undefined })[0] ?? '', /^producers off .* forbids CLIENT LIST/)
})

const OWN: OwnRedisFacts = {
  program: '/usr/bin/redis-server',
  says: { version: '7.0.15' },
  where: 'found on PATH',
  data: '/here/data',
  exists: false,
  writable: true,
}

test('the server that would be started, and what it keeps', () => {
  const [server, persistence, data] = lines(ownRedisChecks(OWN))
  assert.match(
    server ?? '',
    /^server ok \| REDIS_URL is not given; \/usr\/bin\/redis-server, version 7\.0\.15, found on PATH/,
  )
  assert.match(persistence ?? '', /^persistence ok \| append-only file, fsync everysec.* two seconds/)
  assert.equal(data, 'data ok | /here/data, made when it is needed')
  assert.equal(lines(ownRedisChecks({ ...OWN, exists: true }))[2], 'data ok | /here/data')
})

test('no server program, one that is too old, one that does not start, a folder that is not ours', () => {
  const server = (change: Partial<OwnRedisFacts>) => lines(ownRedisChecks({ ...OWN, ...change }))[0] ?? ''
  const missing = server({ program: undefined, says: { reason: 'there is no redis-server on PATH' } })
  assert.match(missing, /^server fault .* no server program .* on PATH \| Install redis-server/)
  assert.match(
    server({ says: { version: '6.0.16' } }),
    /^server fault .* 6\.0\.16, found on PATH \| 6\.2 or later is needed/,
  )
  assert.match(server({ says: { reason: 'it does not start: x' } }), /^server fault .* does not start: x/)
  assert.match(lines(ownRedisChecks({ ...OWN, writable: false })).at(-1) ?? '', /^data fault .* COHORT_DIR/)
})
