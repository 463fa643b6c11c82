// What a caller is told of a value that does not fit its schema.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Settings } from 'typebox/system'
import { checker } from './check.js'
import { faultSaid, faultsSaid, shown } from './fault/said.js'
import { Job } from './job.js'
import { Model } from './model.js'
import { StepRequest } from './step.js'

const check = checker(StepRequest)
const faultsOf = (value: unknown) => {
  const checked = check(value)
  assert.equal(checked.ok, false)
  return new Map(checked.faults.map((fault) => [fault.path, fault]))
}

test('a value that fits comes back as it is', () => {
  const request = { population: 'p', observations: [[0, null, 3]] }
  const checked = check(request)
  assert.ok(checked.ok)
  assert.equal(checked.value, request)
})

test('a missing field, an unknown field and a wrong value are each named by their path', () => {
  const faults = faultsOf({ observations: [[0, 'a']], agents: [0], waitFor: 3 })
  assert.equal(faults.get('population')?.message, 'is missing')
  assert.equal(faults.get('waitFor')?.message, 'is an unknown field')
  assert.equal(faults.get('observations[0][1]')?.got, 'a')
})

test('a bound that is passed is said with its value', () => {
  const fault = faultsOf({ population: 'p', observations: [[0]], waitMs: 30_001 }).get('waitMs')
  assert.equal(fault?.got, 30_001)
  assert.match(String(fault?.expected), /30000/)
})

test('an unknown field inside an object is named by its whole path', () => {
  assert.ok(
    faultsOf({ population: 'p', observations: [[0]], agents: { from: 0, count: 1, step: 2 } }).has(
      'agents.step',
    ),
  )
})

test('an unknown field comes before what is missing, with the fields that there are', () => {
  const [first] = faultsOf({ population: 'p', seen: [[0]] }).values()
  assert.equal(first?.path, 'seen')
  assert.match(String(first?.expected), /^one of population, agents, observations, t, return, waitMs$/)
})

test('a value that is not an object at all is refused', () => {
  for (const value of [null, 3, 'x', [], undefined]) assert.equal(check(value).ok, false)
})

test('a hostile request is answered with a bounded number of faults and a bounded echo', () => {
  const faults = faultsOf({
    population: 'x'.repeat(10_000),
    observations: [Array.from({ length: 1000 }, () => -1)],
  })
  assert.ok(faults.size <= 16)
  for (const fault of faults.values()) assert.ok(String(fault.got).length < 200)
})

const unknown = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, i]))

test('of any number of unknown fields some are named, wherever they are', () => {
  const request = { population: 'p', observations: [[0]] }
  for (const count of [7, 8, 9, 50]) {
    const named = Math.min(count, 8)
    const paths = [...faultsOf({ ...request, ...unknown(count) }).keys()]
    assert.deepEqual(paths, Object.keys(unknown(named)))
    const checked = checker(Model)({ A: [[[1]]], B: [[[[1]]]], options: unknown(count) })
    assert.ok(!checked.ok)
    const told = checked.faults.slice(0, named)
    assert.deepEqual(
      told.map(({ path, message }) => [path, message]),
      paths.map((path) => [`options.${path}`, 'is an unknown field']),
    )
  }
  assert.deepEqual([...faultsOf({ ...request, ...unknown(100) }).keys()], [''])
  const [long = ''] = faultsOf({ ...request, ['y'.repeat(10_000)]: 1 }).keys()
  assert.ok(long.length < 200)
})

test('too many fields are refused at a glance also where they are within another', () => {
  for (const count of [65, 100, 300_000]) {
    const checked = checker(Model)({ A: [[[1]]], B: [[[[1]]]], options: { learning: unknown(count) } })
    assert.ok(!checked.ok)
    assert.deepEqual(checked.faults, [
      { path: 'options.learning', message: 'has too many fields', expected: 'at most 64 fields' },
    ])
  }
})

test('whatever is refused has a fault that says why, and at most 16', () => {
  const field = fc.oneof(fc.constantFrom('population', 'observations', 'agents', 'options', 'A'), fc.string())
  const objects = fc.dictionary(field, fc.anything({ maxDepth: 2 }), { maxKeys: 70 })
  const nested = objects.map((options) => ({ A: [[[1]]], B: [[[[1]]]], options }))
  const checks = [check, checker(Model), checker(Job)] as const
  let refused = 0
  fc.assert(
    fc.property(fc.oneof(objects, nested, fc.anything()), fc.constantFrom(...checks), (value, of) => {
      const checked = of(value)
      if (checked.ok) return
      refused += 1
      assert.ok(checked.faults.length > 0 && checked.faults.length <= 16)
    }),
    { numRuns: 500 },
  )
  assert.ok(refused > 400)
})

test('where the process has told TypeBox to gather no errors, there is a fault all the same', () => {
  Settings.Set({ maxErrors: 0 })
  try {
    assert.deepEqual([...faultsOf({}).values()], [{ path: '', message: 'does not fit its schema' }])
  } finally {
    Settings.Reset()
  }
})

test('what is shown of a value is at most a line', () => {
  assert.equal(shown(3), 3)
  assert.equal(shown('short'), 'short')
  assert.ok(String(shown({ a: 'y'.repeat(500) })).length < 200)
})

test('a job without parts, or of another version, is refused', () => {
  const checkJob = checker(Job)
  const checked = checkJob({ v: 2, model: 'x', parts: [] })
  assert.equal(checked.ok, false)
  assert.ok(checked.faults.some((fault) => fault.path === 'parts'))
  assert.ok(checked.faults.some((fault) => fault.path === 'v'))
})

test('what is far too large is refused at a glance, by its name', () => {
  const many = Array.from({ length: 1_000_000 }, () => 'action')
  const faults = faultsOf({ population: 'p', observations: [[0]], return: many })
  assert.deepEqual([...faults.keys()], ['return'])
  assert.equal(faults.get('return')?.got, 1_000_000)
  const fields = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`f${i}`, i]))
  assert.match(String(faultsOf(fields).get('')?.message), /too many fields/)
  const job = checker(Job)({ return: many, origins: many, obs: many, parts: many })
  assert.ok(!job.ok)
  assert.deepEqual(job.faults.map(({ path }) => path).toSorted(), ['obs', 'origins', 'parts', 'return'])
})

test('a field under another name, or in another place, is told what it is called here', () => {
  const checkModel = checker(Model)
  const instead = (fields: object, options: object = {}) => {
    const checked = checkModel({ A: [[[1]]], B: [[[[1]]]], ...fields, options })
    assert.ok(!checked.ok)
    return checked.faults.map(({ path, expected }) => [path, expected])
  }
  assert.deepEqual(instead({}, { policy_len: 2, inference_algo: 'MMP', lr_pA: 1 }), [
    ['options.policy_len', 'options.policyLen'],
    ['options.inference_algo', 'options.inference'],
    ['options.lr_pA', 'options.learning.A.rate'],
  ])
  assert.deepEqual(instead({ num_iter: 3 }), [['num_iter', 'options.numIter']])
  assert.deepEqual(instead({}, { pA: [] }), [['options.pA', 'pA, not in options']])
  assert.deepEqual(instead({}, { policyLenn: 2, gama: 1 }), [
    ['options.policyLenn', 'options.policyLen'],
    ['options.gama', 'options.gamma'],
  ])
  assert.deepEqual(instead({}, { inference: 'VANILLA' }), [['options.inference', 'fixedPoint']])
  assert.deepEqual(instead({}, { inference: 'mmp' }), [['options.inference', 'messagePassing']])
  const [[path, fields] = []] = instead({}, { learning: { A: { speed: 1 } } })
  assert.deepEqual([path, fields], ['options.learning.A.speed', 'one of rate, forgetting, only'])
})

test('a wrong word is told which there are', () => {
  const fault = faultsOf({ population: 'p', observations: [[0]], return: ['actions'] }).get('return[0]')
  assert.match(String(fault?.message), /^must be action, step, .* or terms$/)
  assert.match(fault === undefined ? '' : faultSaid(fault), /or terms, got "actions"$/)
})

test('a fault is a sentence, in which nothing is said twice', () => {
  const fault = { path: 'B[0][:,3,1]', message: 'sums to 0.98', got: 0.98, expected: '1 ± 1e-6' }
  assert.equal(faultSaid(fault), 'B[0][:,3,1] sums to 0.98, expected 1 ± 1e-6')
  assert.equal(faultsSaid([fault, fault, fault]), 'B[0][:,3,1] sums to 0.98, expected 1 ± 1e-6; and 2 more')
  assert.equal(faultSaid({ path: '', message: 'must be object', got: '[]' }), 'the body must be object')
})
