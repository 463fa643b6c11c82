// Promises of both kernels where numbers are hard: rounding does not grow along a policy, and nothing possible is lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Model, NOT_SEEN } from '@cohort/contracts'
import { validateModel } from '../model/check/validate.js'
import { describeModel } from '../model/describe.js'
import { readBeliefs } from '../row/read.js'
import { writeInitialRows } from '../row/write.js'
import { NOTE_IMPOSSIBLE } from '../slot.js'
import { ownSlot } from './own-slot.js'

const KERNELS = ['reference', 'wasm'] as const
type Kernel = (typeof KERNELS)[number]

/** One agent. */
function open(model: Model, kernel: Kernel) {
  const valid = validateModel(model, DEFAULT_LIMITS)
  const info = { ...describeModel(valid), modelId: '' }
  const own = ownSlot(valid, {
    rows: 1,
    extras: { soft: false, terms: false },
    ...(kernel === 'reference' ? { only: kernel } : {}),
  })
  assert.equal(own.kernel, kernel)
  const { buffer, slot, layout } = own
  const row = new Uint8Array(buffer, slot + layout.rows, info.rowBytes)
  writeInitialRows({ model: valid, seed: 7, from: 0, out: row })
  const numbers = (at: number) => [...new Float64Array(buffer, slot + at, info.policies)]
  return {
    see: (seen: readonly number[]) => {
      new Int32Array(buffer, slot + layout.obs, seen.length).set(seen)
      own.step({ qPi: true, G: true, vfe: false, terms: false })
    },
    G: () => numbers(layout.G),
    qPi: () => numbers(layout.qPi),
    beliefs: () => readBeliefs(info, row)[0] ?? [],
    note: () => new Int32Array(buffer, slot + layout.notes, 1)[0],
  }
}

/** Two factors that hang on each other; both actions lead to the same, but for what their columns are `off`. */
function coupled(policyLen: number, column: readonly number[], off: number): Model {
  const states = column.map((_, s) => s)
  const B = column.map((p) => states.map(() => states.map(() => [p * (1 - off), p * (1 + off)])))
  const A = states.map((seen) => states.map((state) => (seen === state ? 0.8 : 0.2 / (column.length - 1))))
  const always = (action: number) => Array.from({ length: policyLen }, () => [action, action])
  return {
    A: [A, A],
    A_dependencies: [[0], [1]],
    B: [B, B],
    B_dependencies: [
      [0, 1],
      [0, 1],
    ],
    C: [states, states],
    policies: [always(0), always(1)],
    options: { policyLen },
  }
}

for (const kernel of KERNELS) {
  test(`${kernel}: what columns are off by, and rounding, does not double with every step of a policy`, () => {
    const [one, long] = [1, 64].map((steps) => open(coupled(steps, [0.1, 0.2, 0.7], 0), kernel))
    for (const agent of [one, long]) agent.see([0, 0])
    // Each step is worth the same, since B forgets where it came from.
    assert.ok(Math.abs(long.G()[0] / 64 - one.G()[0]) < 1e-9, `G ${long.G().join()}`)
    assert.deepEqual(long.qPi(), [0.5, 0.5])
    const off = open(coupled(16, [0.3, 0.7], 9e-7), kernel)
    off.see([0, 0])
    assert.ok(Math.abs((off.qPi()[0] ?? 0) - 0.5) < 0.01, `q_pi ${off.qPi().join()}`)
  })

  test(`${kernel}: exact filtering keeps a state whose share of many unlikely observations is tiny`, () => {
    const e = 1e-6
    const decisive = [
      [1, 0.5],
      [0, 0.5],
    ]
    const unlikely = Array.from({ length: 31 }, () => [
      [e, e],
      [1 - 2 * e, e],
      [e, 1 - 2 * e],
    ])
    const stay = [
      [[1], [0]],
      [[0], [1]],
    ]
    const agent = open(
      {
        A: [...unlikely, decisive],
        B: [stay],
        D: [[1 - 1e-7, 1e-7]],
        options: { inference: 'exact' },
      },
      kernel,
    )
    agent.see([...unlikely.map((_, m) => (m < 23 ? 1 : NOT_SEEN)), 0])
    agent.see([...unlikely.map(() => 0), NOT_SEEN])
    assert.ok((agent.beliefs()[1] ?? 0) > 1e-150, agent.beliefs().join())
    agent.see([...unlikely.map(() => NOT_SEEN), 1])
    assert.deepEqual(agent.beliefs(), [0, 1])
    assert.equal((agent.note() ?? 0) & NOTE_IMPOSSIBLE, 0)
  })
}
