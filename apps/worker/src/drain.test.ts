// Promises of the drain: last opened is closed first, once, whatever fails or hangs, and the exit code is 0.
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { SILENT } from '@cohort/telemetry'
import { Drain } from './drain.js'

const quiet = SILENT

function aDrain(deadlineMs: number) {
  const exits: number[] = []
  const exited = new EventEmitter()
  const drain = new Drain({
    log: quiet,
    deadlineMs,
    exit: (code) => {
      exits.push(code)
      exited.emit('exit')
    },
  })
  return { drain, exits, exited }
}

test('what was opened last is closed first, each once, however many signals come', async () => {
  const { drain, exits, exited } = aDrain(60_000)
  const closed: string[] = []
  const source = new EventEmitter()
  drain.listen(source)
  drain.opened('redis', () => void closed.push('redis'))
  drain.opened('pool', async () => void closed.push('pool'))
  const end = once(exited, 'exit')
  assert.equal(drain.begun, false)
  source.emit('SIGTERM')
  source.emit('SIGINT')
  source.emit('disconnect')
  assert.equal(drain.begun, true)
  await end
  assert.deepEqual(closed, ['pool', 'redis'])
  assert.deepEqual(exits, [0])
})

test('what cannot be closed does not keep the rest open', async () => {
  const { drain, exits } = aDrain(60_000)
  const closed: string[] = []
  drain.opened('redis', () => void closed.push('redis'))
  drain.opened('pool', () => Promise.reject(new Error('planted')))
  await drain.begin('SIGTERM')
  assert.deepEqual(closed, ['redis'])
  assert.deepEqual(exits, [0])
})

test('what never closes does not outlive the deadline', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const { drain, exits } = aDrain(10_000)
  drain.opened('pool', () => new Promise(() => {}))
  void drain.begin('SIGTERM')
  context.mock.timers.tick(11_999)
  assert.deepEqual(exits, [])
  context.mock.timers.tick(1)
  assert.deepEqual(exits, [0])
})

test('what is still in use is left to the end of the process, with all that was opened before it', async () => {
  const { drain, exits } = aDrain(60_000)
  const closed: string[] = []
  drain.opened('pool', () => void closed.push('pool'))
  drain.opened('jobs', () => 'leave')
  drain.opened('heartbeat', () => void closed.push('heartbeat'))
  await drain.begin('SIGTERM')
  assert.deepEqual(closed, ['heartbeat'])
  assert.deepEqual(exits, [0])
})

test('a parent that was gone before anyone listened is noticed', async () => {
  const { drain, exits, exited } = aDrain(60_000)
  const end = once(exited, 'exit')
  drain.listen(Object.assign(new EventEmitter(), { connected: false }))
  await end
  assert.deepEqual(exits, [0])
})

test('an end that is not orderly says so by its code', async () => {
  const { drain, exits } = aDrain(60_000)
  await drain.begin('the pool failed', 1)
  assert.deepEqual(exits, [1])
})
