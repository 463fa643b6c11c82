// Promises of stopping: Ctrl-C ends a command in order, with the code that a shell expects; twice, at once.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'

/** A process that runs a command under `untilStopped` and has said that it is under way. */
async function under(t: TestContext, command: string) {
  const dir = mkdtempSync(join(tmpdir(), 'cohort-cli-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'main.mjs')
  const module = JSON.stringify(new URL('./stop-signal.js', import.meta.url))
  writeFileSync(
    file,
    `import { untilStopped } from ${module}
    setInterval(() => {}, 1000)
    const run = async (signal) => { process.send('under way'); ${command} }
    process.exit(await untilStopped(run, () => console.log('farewell')))`,
  )
  const child = fork(file, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  let output = ''
  child.stdout?.on('data', (data) => (output += String(data)))
  await once(child, 'message')
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number, output }))
  return { child, ended }
}

const ABORTED = `await new Promise((resolve) => signal.addEventListener('abort', resolve))`

test('Ctrl-C, SIGTERM and a closed terminal abort the command, which then ends by itself', async (t) => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    const { child, ended } = await under(t, `${ABORTED}; console.log('tidied'); signal.throwIfAborted()`)
    child.kill(signal)
    const output = signal === 'SIGINT' ? 'tidied\nfarewell\n' : 'tidied\n'
    assert.deepEqual(await ended, { code, output })
  }
})

test('a command that ends well in spite of the request keeps its own code', async (t) => {
  const { child, ended } = await under(t, `${ABORTED}; return 5`)
  child.kill('SIGINT')
  assert.equal((await ended).code, 5)
})

test('the second request ends a command that does not end', async (t) => {
  const { child, ended } = await under(t, `${ABORTED}; process.send('hangs'); await new Promise(() => {})`)
  child.kill('SIGINT')
  await once(child, 'message')
  await setTimeout(600)
  child.kill('SIGINT')
  assert.equal((await ended).code, 130)
})

test('a signal that comes twice at once, as to a whole group, is one request', async (t) => {
  const tidy = `${ABORTED}; process.send('stops'); await new Promise((resolve) => setTimeout(resolve, 200))`
  const { child, ended } = await under(t, `${tidy}; console.log('tidied'); signal.throwIfAborted()`)
  child.kill('SIGTERM')
  await once(child, 'message')
  child.kill('SIGTERM')
  assert.deepEqual(await ended, { code: 143, output: 'tidied\n' })
})

test('a parent that goes away is a request to stop', async (t) => {
  const { child, ended } = await under(t, `${ABORTED}; console.log('tidied'); signal.throwIfAborted()`)
  child.disconnect()
  assert.deepEqual(await ended, { code: 143, output: 'tidied\n' })
})
