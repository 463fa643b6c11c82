// Promises of the flags: strict, and every refusal names the flag.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { demoOptions } from './demo/options.js'

const refuses = (args: string[], message: RegExp) =>
  assert.throws(
    () => demoOptions(args),
    (error) => error instanceof CohortError && error.code === 'usage' && message.test(error.message),
  )

test('the demo has defaults for everything', () => {
  const expected = {
    agents: 1000,
    ticks: 30,
    workers: 2,
    seed: 1,
    paceMs: undefined,
    json: false,
    verbose: false,
  }
  assert.deepEqual(demoOptions([]), expected)
})

test('flags are taken as given', () => {
  const options = demoOptions([
    '--agents=3',
    '--ticks',
    '2',
    '--workers',
    '1',
    '--seed',
    '0',
    '--pace',
    '0',
    '--json',
  ])
  assert.deepEqual(options, {
    agents: 3,
    ticks: 2,
    workers: 1,
    seed: 0,
    paceMs: 0,
    json: true,
    verbose: false,
  })
  assert.equal(demoOptions(['-h', '--agents', 'x']), 'help')
})

test('what is not a number in its bounds is refused by the flag’s name', () => {
  refuses(['--agents', '0'], /^--agents must be an integer from 1 to 1000000, got '0'$/)
  refuses(['--ticks', '0'], /^--ticks must be an integer from 1/)
  refuses(['--agents', '-5'], /^--agents must be an integer from 1 to 1000000, got '-5'$/)
  refuses(['--ticks', '1.5'], /got '1\.5'/)
  refuses(['--ticks', '1e3'], /got '1e3'/)
  refuses(['--ticks', ''], /got ''/)
  refuses(['--agents', '99999999999999999999'], /--agents/)
  refuses(['--workers', '65'], /from 1 to 64/)
  refuses(['--seed', '4294967296'], /--seed/)
})

test('unknown flags, missing values and stray words are refused', () => {
  refuses(['--agent', '5'], /--agent'/)
  refuses(['--agents'], /^--agents needs a value$/)
  refuses(['--agents', '--json'], /^--agents needs a value$/)
  refuses(['--json', '-5'], /-5/)
  refuses(['--ticks=-5'], /--ticks/)
  refuses(['--json=yes'], /--json/)
  refuses(['17'], /17/)
})
