// The promise of the step benchmarks: no figure for wrong numbers, and every contender is fed what the world showed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inProcess, mustAgree } from './contender.js'
import { SHAPES } from './shapes.js'
import { AGENTS, STEPS, type Stream, streamOf } from './stream.js'

const SHAPE = SHAPES.find(({ name }) => name === 'tmaze-2') ?? assert.fail()
const kernel = inProcess('wasm64', {})

test('a contender whose actions, posterior or beliefs are not the reference’s is refused', async () => {
  const stream = streamOf(SHAPE)
  const otherActions = stream.actions.map((actions) => actions.map((action) => 1 - action))
  const wrong: readonly [Partial<Stream>, RegExp][] = [
    [{ actions: otherActions }, /wasm64, tmaze-2, block of 16: actions differ/],
    [{ qPi: stream.qPi.map((p) => p + 1e-8) }, /block of 16: q_pi: .* instead of .*number 0/],
    [{ G: stream.G.map((g) => g - 1e-4) }, /block of 16: G: /],
    [{ rows: stream.initialRows }, /beliefs of agent \d+: /],
  ]
  for (const [change, told] of wrong) await assert.rejects(kernel.prepare({ ...stream, ...change }, 16), told)
  const runner = (await kernel.prepare(stream, 16)) ?? assert.fail()
  assert.ok(runner.agents === 16 && (await runner.run(1)) > 0)
})

test('single precision may choose otherwise only where the best action hardly leads', async () => {
  const stream = streamOf(SHAPE)
  const single = inProcess('wasm32', { precision: 'single', within: 1e-4 })
  await single.prepare(stream, 16)
  const otherActions = stream.actions.map((actions) => actions.map((action) => 1 - action))
  const changed = { ...stream, actions: [...stream.actions.slice(0, -1), otherActions[STEPS - 1]] }
  await assert.rejects(
    single.prepare({ ...changed, margins: stream.margins.map(() => 0.1) }, 16),
    /actions differ/,
  )
  await single.prepare({ ...changed, margins: stream.margins.map(() => 1e-5) }, 16)
})

test('numbers agree within what is allowed; NaN never does', () => {
  const within = { what: 'x', within: 1e-9 }
  mustAgree(within, [1, 1e6 + 1e-4], [1 + 1e-10, 1e6])
  assert.throws(() => mustAgree(within, [1], [1 + 1e-8]), /x: 1 instead of/)
  assert.throws(() => mustAgree(within, [Number.NaN], [1]), /x: NaN/)
})

test('the stream is the same every time, and nothing in it is impossible to its models', () => {
  for (const shape of SHAPES.slice(0, 2)) {
    const [one, other] = [streamOf(shape), streamOf(shape)]
    assert.deepEqual(
      [one.observations, one.actions, one.rows],
      [other.observations, other.actions, other.rows],
    )
    assert.equal(one.observations.length, STEPS)
    assert.ok(new Set(one.observations.flatMap((seen) => [...seen.subarray(0, AGENTS)])).size > 5)
  }
})
