// What a step has taught: which counts changed, and by how much.
import type { Tensor } from '@cohort/contracts'
import type { Knowledge } from '../lone-agent/knowledge.js'

/** One count: of `pA[index]` and its siblings, at the place `at`. */
export interface CountChange {
  readonly counts: 'pA' | 'pB' | 'pD' | 'pE'
  readonly index: number
  readonly at: readonly number[]
  readonly from: number
  readonly to: number
}

/** All changes, the largest first. */
export function countChanges(before: Knowledge, now: Knowledge): CountChange[] {
  const list = (['pA', 'pB', 'pD'] as const).flatMap((counts) =>
    now[counts].flatMap((tensor, index) => changes(before[counts][index] ?? null, tensor, { counts, index })),
  )
  const habits = changes(before.pE, now.pE, { counts: 'pE', index: 0 })
  return [...list, ...habits].sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from))
}

type Place = Pick<CountChange, 'counts' | 'index'>

function changes(before: Tensor | null, now: Tensor | null, place: Place): CountChange[] {
  if (before === null || now === null) return []
  const old = entries(before)
  return entries(now).flatMap(({ at, value }, i) => {
    const from = old[i]?.value ?? 0
    return from === value ? [] : [{ ...place, at, from, to: value }]
  })
}

interface Entry {
  readonly at: readonly number[]
  readonly value: number
}

const entries = (tensor: Tensor): Entry[] =>
  tensor.flatMap((entry, i) =>
    typeof entry === 'number'
      ? [{ at: [i], value: entry }]
      : entries(entry).map(({ at, value }) => ({ at: [i, ...at], value })),
  )
