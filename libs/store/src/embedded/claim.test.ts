// What is promised of a data directory: one process at a time, and none that is gone keeps it.
import assert from 'node:assert/strict'
import { mkdtemp, mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CohortError } from '@cohort/contracts'
import { claimDirectory } from './claim.js'
import { birthOf } from './process-birth.js'

let root: string
const silent = () => {}

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'cohort-claim-'))
})
after(() => rm(root, { recursive: true }))

test('those who ask at the same time get a directory each, and the seventeenth is refused', async () => {
  const dir = join(root, 'many')
  const claims = await Promise.all(Array.from({ length: 16 }, () => claimDirectory(dir, silent)))
  const expected = [dir, ...Array.from({ length: 15 }, (_, i) => `${dir}-${i + 2}`)]
  assert.deepEqual(new Set(claims.map((claim) => claim.dir)), new Set(expected))
  await assert.rejects(
    claimDirectory(dir, silent),
    (error) => error instanceof CohortError && error.code === 'configuration',
  )
  for (const claim of claims) claim.release()
  assert.equal((await claimDirectory(dir, silent)).dir, dir)
})

test('a pid that is another process’s by now holds nothing, nor does a note that cannot be read', async () => {
  const dir = join(root, 'stale')
  await mkdir(dir)
  const notes = [
    [{ pid: process.pid, birth: 'long ago' }],
    [{ pid: 2 ** 30 }],
    5,
    { pid: process.pid },
    [null],
  ]
  for (const note of [...notes.map((value) => JSON.stringify(value)), '', '{', '[']) {
    await writeFile(join(dir, 'holder.json'), note)
    const claim = await claimDirectory(dir, silent)
    assert.equal(claim.dir, dir, note)
    claim.release()
  }
})

test('a directory whose owner is gone is had as soon as its server has ended too', async () => {
  const dir = join(root, 'leaving')
  await mkdir(dir)
  const server = { pid: process.pid, birth: birthOf(process.pid) }
  await writeFile(join(dir, 'holder.json'), JSON.stringify([{ pid: process.pid, birth: 'gone' }, server]))
  let had = false
  const waiting = claimDirectory(dir, silent).finally(() => (had = true))
  await sleep(100)
  assert.equal(had, false)
  await writeFile(join(dir, 'holder.json'), '[]')
  assert.equal((await waiting).dir, dir)
})

test('a process that died while it looked does not bar the way', async () => {
  const dir = join(root, 'looked')
  await mkdir(join(dir, 'claiming'), { recursive: true })
  await utimes(join(dir, 'claiming'), 0, 0)
  assert.equal((await claimDirectory(dir, silent)).dir, dir)
})
