// Promises of the process spawner: ready or a reason, and nothing left behind. Real processes throughout.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { type ProcessSpec, startProcess, warningsOf } from './processes.js'

const STAY = 'setInterval(() => {}, 1000)'
const READY = `console.log('some banner'); console.log('worker ready: here'); ${STAY}`
const STUBBORN = `process.on('SIGTERM', () => console.error('no')); ${READY}`

/** A program of one line, in a directory that goes with the test. */
function program(t: TestContext, source: string): ProcessSpec {
  const dir = mkdtempSync(join(tmpdir(), 'cohort-cli-'))
  t.after(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'main.mjs'), source)
  return {
    name: 'worker 1',
    program: join(dir, 'main.mjs'),
    environment: { COLOUR: 'red' },
    log: join(dir, 'logs', 'worker-1.log'),
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const failsWith = (message: RegExp) => (error: unknown) =>
  error instanceof CohortError && error.code === 'process_failed' && message.test(error.message)

test('a process is started when it has said so, with its environment and a log of its own', async (t) => {
  const spec = program(t, `console.error('colour', process.env.COLOUR); ${READY}`)
  const running = await startProcess(spec)
  assert.equal(running.ready, 'here')
  assert(isAlive(running.pid))
  assert.deepEqual(await running.stop(10_000), { code: null, signal: 'SIGTERM' })
  assert.equal(readFileSync(spec.log, 'utf8'), 'colour red\n')
})

test('one that ends before it is ready is reported with the end of its log', async (t) => {
  const spec = program(t, `for (let i = 0; i < 50; i++) console.error('line', i); process.exit(7)`)
  await assert.rejects(
    startProcess(spec),
    failsWith(/^worker 1 ended \(exit code 7\) before .*worker-1\.log:\n {2}line 30\n/),
  )
})

test('the end of a log is what it says to people, where it says something', async (t) => {
  const spec = program(t, `console.error('{"level":"info"}'); console.error('no port'); process.exit(1)`)
  await assert.rejects(startProcess(spec), failsWith(/worker-1\.log:\n {2}no port$/))
  const json = program(t, `console.error('{"level":"info"}'); process.exit(1)`)
  await assert.rejects(startProcess(json), failsWith(/log:\n {2}\{"level":"info"\}$/))
})

test('what a log warns of is told once', async (t) => {
  const warning = `console.error('{"level":"warn","message":"mind it"}')`
  const other = `console.error('{"level":"info","message":"no"}'); console.error('{ "level')`
  const running = await startProcess(program(t, `${warning}; ${other}; ${warning}; ${READY}`))
  assert.deepEqual(warningsOf(running), ['worker 1 warns: mind it'])
  await running.stop(10_000)
})

test('one that cannot be started is reported with the reason', async (t) => {
  const spec = { ...program(t, ''), program: '/nowhere/main.js' }
  await assert.rejects(startProcess(spec), failsWith(/Cannot find module '\/nowhere\/main\.js'/))
})

test('a start that is given up leaves no process', async (t) => {
  const spec = program(t, `console.error(process.pid); ${STAY}`)
  const stop = new AbortController()
  const start = assert.rejects(startProcess(spec, stop.signal), /enough/)
  const pid = await written(spec.log)
  stop.abort(new Error('enough'))
  await start
  assert(!isAlive(pid))
})

test('one that will not end is killed at the deadline', async (t) => {
  const spec = program(t, STUBBORN)
  const running = await startProcess(spec)
  assert.deepEqual(await running.stop(50), { code: null, signal: 'SIGKILL' })
  assert.equal(readFileSync(spec.log, 'utf8'), 'no\n')
})

test('a process does not outlive the one that started it, whether that exits or is killed', async (t) => {
  const exits = { end: 'process.exit(3)', onDisconnect: '' }
  const isKilled = { end: `process.kill(process.pid, 'SIGKILL')`, onDisconnect: 'process.exit(0)' }
  for (const { end, onDisconnect } of [exits, isKilled]) {
    // The process holds a connection to us: when that closes it is gone, zombie or not.
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const spec = program(
      t,
      `import { connect } from 'node:net'
      process.on('disconnect', () => { ${onDisconnect} })
      connect(${port}, '127.0.0.1').on('error', () => {}).on('connect', () => { ${STUBBORN} })`,
    )
    const parent = program(
      t,
      `import { startProcess, warningsOf } from ${JSON.stringify(new URL('./processes.js', import.meta.url))}
      await startProcess(${JSON.stringify(spec)})
      ${end}`,
    )
    const [[socket]] = await Promise.all([
      once(server, 'connection') as Promise<[Socket]>,
      once(spawn(process.execPath, [parent.program], { stdio: 'inherit' }), 'exit'),
    ])
    socket.on('error', () => {}).resume()
    if (!socket.closed) await once(socket, 'close')
    server.close()
  }
})

/** The number that a process writes first into a file. */
async function written(file: string): Promise<number> {
  for (;;) {
    try {
      const text = readFileSync(file, 'utf8')
      if (text.endsWith('\n')) return Number(text)
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOENT')
    }
    await new Promise(setImmediate)
  }
}
