// Promises of the rates: two beats tell them, and the worker's clock decides.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AliveWorker } from '@cohort/store'
import { WorkerRates } from './worker-rates.js'

const aWorker = (upMs: number, steps: number, computeMs: readonly number[] = []): AliveWorker => ({
  id: 'h:1',
  host: 'h',
  pid: 1,
  threads: computeMs.length,
  cpus: computeMs.map((_, cpu) => cpu),
  progress: { upMs, steps, threads: computeMs.map((ms, i) => ({ seat: i, cpu: i, computeMs: ms })) },
})

const onlyOf = <T>(list: readonly T[]): T => list[0] ?? assert.fail('none')

test('one beat names the worker, two tell how fast it is and how busy each thread', () => {
  const rates = new WorkerRates()
  const first = onlyOf(rates.look([aWorker(1000, 100, [10, 20])], 0))
  assert.deepEqual(first, { id: 'h:1', host: 'h', pid: 1, steps: 100, threads: [{ cpu: 0 }, { cpu: 1 }] })
  const second = onlyOf(rates.look([aWorker(3000, 700, [510, 20])], 1700))
  assert.equal(second.stepsPerSecond, 300)
  assert.deepEqual(second.threads, [
    { cpu: 0, busy: 0.25 },
    { cpu: 1, busy: 0 },
  ])
})

test('a look without a new beat repeats the rates, until nobody knows them any more', () => {
  const rates = new WorkerRates()
  rates.look([aWorker(1000, 0)], 0)
  rates.look([aWorker(2000, 50)], 1000)
  assert.equal(onlyOf(rates.look([aWorker(2000, 50)], 2000)).stepsPerSecond, 50)
  assert.equal(onlyOf(rates.look([aWorker(2000, 50)], 6000)).stepsPerSecond, undefined)
})

test('a thread is never more than busy, and a new one is told of when it was heard of twice', () => {
  const rates = new WorkerRates()
  rates.look([aWorker(1000, 0, [0])], 0)
  const { threads } = onlyOf(rates.look([aWorker(2000, 0, [5000, 7])], 1000))
  assert.deepEqual(threads, [{ cpu: 0, busy: 1 }, { cpu: 1 }])
})

test('a worker that began anew under its old name begins anew here', () => {
  const rates = new WorkerRates()
  rates.look([aWorker(9000, 900)], 0)
  assert.equal(onlyOf(rates.look([aWorker(500, 1)], 1000)).stepsPerSecond, undefined)
  assert.equal(onlyOf(rates.look([aWorker(1500, 11)], 2000)).stepsPerSecond, 10)
})

test('a worker that is gone is forgotten', () => {
  const rates = new WorkerRates()
  rates.look([aWorker(1000, 0)], 0)
  assert.deepEqual(rates.look([], 1000), [])
  assert.equal(onlyOf(rates.look([aWorker(2000, 50)], 2000)).stepsPerSecond, undefined)
})
