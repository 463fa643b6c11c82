// What is promised of the guard: what it watches ends with us, however we end; what it watches no longer stays alone.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { birthOf } from './process-birth.js'

const limit = { timeout: 30_000 }

test('kill -9 of its owner ends what is watched', limit, async (t) => {
  const { owner, watched } = await guarded(t)
  owner.kill('SIGKILL')
  await until(() => birthOf(watched) === undefined)
})

test('what does not end when asked is ended by force', limit, async (t) => {
  const { owner, watched } = await guarded(t, `trap "" TERM; ${RUN}`)
  owner.kill('SIGKILL')
  await until(() => birthOf(watched) === undefined)
})

test('a guard that was killed is replaced, and the new one watches the same', limit, async (t) => {
  const { owner, watched, guard, say } = await guarded(t)
  process.kill(guard, 'SIGKILL')
  assert.match(await say(), /guard .* was killed/)
  owner.kill('SIGKILL')
  await until(() => birthOf(watched) === undefined)
})

test('what has ended is not looked for again: its pid may be another’s', limit, async (t) => {
  const { owner, watched, guard, say } = await guarded(t)
  owner.stdin.write('unwatch\n')
  assert.equal(await say(), 'unwatched')
  owner.kill('SIGKILL')
  await until(() => birthOf(guard) === undefined)
  assert.notEqual(birthOf(watched), undefined)
})

/** Says that it is there, and stays. */
const RUN = 'echo; while :; do sleep 1; done'

const OWNER = `
const { openGuard } = await import(process.argv[1])
const { spawn } = await import('node:child_process')
const say = (line) => process.stdout.write(line + '\\n')
const guard = openGuard(say)
const child = spawn('/bin/sh', ['-c', process.argv[2]], { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
guard.watch(child.pid)
child.stdout.once('data', () => say(child.pid + ' ' + guard.pid))
process.stdin.once('data', () => { guard.unwatch(); say('unwatched') })`

/** A process with a guard that watches a third one, which does what `script` says. */
async function guarded(t: TestContext, script = RUN) {
  const options = ['--input-type=module', '-e', OWNER, import.meta.resolve('./guard.js'), script]
  const owner = spawn(process.execPath, options, { stdio: ['pipe', 'pipe', 'inherit'] })
  const say = async () => String((await once(owner.stdout, 'data'))[0]).trim()
  const [watched = 0, guard = 0] = (await say()).split(' ').map(Number)
  t.after(() => {
    owner.kill('SIGKILL')
    if (birthOf(watched) !== undefined) process.kill(watched, 'SIGKILL')
  })
  return { owner, watched, guard, say }
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 15_000
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never: ${String(holds)}`)
    await sleep(5)
  }
}
