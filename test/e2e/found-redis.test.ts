// What `npm run …` finds as a Redis server is on PATH for what it starts; COHORT_REDIS_SERVER stays the user's own.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { fileOf } from '../support/processes.js'

let root: string
/** Has a server; the other folder has none. */
let full: string
let bare: string
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'cohort-found-'))
  ;[full, bare] = [join(root, 'full'), join(root, 'bare')]
  await cp(fileOf('tools'), join(root, 'tools'), { recursive: true })
  for (const folder of [full, bare, join(root, '.cohort/redis')]) await mkdir(folder, { recursive: true })
  for (const folder of [full, join(root, '.cohort/redis')])
    await writeFile(join(folder, 'redis-server'), '#!/bin/sh\n', { mode: 0o755 })
  await symlink(join(full, 'redis-server'), join(bare, 'another-server'))
})
after(() => rm(root, { recursive: true }))

/** The environment that a task gets: PATH, and the setting. */
async function provided(env: Record<string, string>, test = false): Promise<(string | null)[]> {
  const program = `
    import { provideRedis } from ${JSON.stringify(join(root, 'tools/redis.mjs'))}
    await provideRedis({ needed: true, test: ${test} })
    const { PATH, COHORT_REDIS_SERVER = null } = process.env
    console.log(JSON.stringify([PATH, COHORT_REDIS_SERVER]))`
  const args = ['--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return JSON.parse(stdout) as (string | null)[]
}

test('a server on PATH is left there, and one that we unpacked comes last on it', async () => {
  assert.deepEqual(await provided({ PATH: full }), [full, null])
  assert.deepEqual(await provided({ PATH: bare }), [`${bare}:${join(root, '.cohort/redis')}`, null])
})

test('a setting of the user stays as it is, and tests have one always', async () => {
  const COHORT_REDIS_SERVER = join(bare, 'another-server')
  assert.deepEqual(await provided({ PATH: full, COHORT_REDIS_SERVER }), [full, COHORT_REDIS_SERVER])
  assert.deepEqual(await provided({ PATH: full }, true), [full, join(full, 'redis-server')])
})
