// What the doctor finds where a Redis of our own would be started: on the real file system, nothing made in it.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig } from '../config.js'
import { ownRedisFacts } from './own-redis.js'

const writable = async (dir: string): Promise<boolean> =>
  (await ownRedisFacts(readConfig({ COHORT_DIR: dir }))).writable

test('a folder that could be made is fine, and is not made', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'cohort-doctor-'))
  t.after(() => rm(dir, { recursive: true }))
  assert.equal(await writable(dir), true)
  assert.equal(await writable(join(dir, 'not', 'yet')), true)
  assert.deepEqual(await readdir(dir), [])
})

test('a folder under a file cannot be made, whoever asks', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'cohort-doctor-'))
  t.after(() => rm(dir, { recursive: true }))
  await writeFile(join(dir, 'file'), '')
  assert.equal(await writable(join(dir, 'file')), false)
  assert.equal(await writable(join(dir, 'file', 'not', 'yet')), false)
})

test('nor can one where the system shows itself as files', { skip: !existsSync('/proc/self') }, async () => {
  assert.equal(await writable('/proc/nope'), false)
})

test('where the server program was found is told in words', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'cohort-doctor-'))
  t.after(() => rm(dir, { recursive: true }))
  const program = join(dir, 'redis-server')
  await writeFile(program, '#!/bin/sh\necho Redis server v=7.0.15', { mode: 0o755 })
  const where = async (env: Record<string, string>) =>
    (await ownRedisFacts(readConfig({ COHORT_DIR: dir, PATH: '/usr/bin:/bin', ...env }))).where
  assert.equal(await where({ PATH: `${dir}:/usr/bin:/bin` }), 'found on PATH')
  assert.equal(await where({ COHORT_REDIS_SERVER: program }), 'named by COHORT_REDIS_SERVER')
})
