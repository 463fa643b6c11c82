// For tests: what an agent sees, as an outcome, as nothing or as a distribution, and into a slot.
import { NOT_SEEN, SEEN_SOFTLY } from '@cohort/contracts'
import { numbers } from './models.js'
import type { TestSlot } from './test-slot.js'

/** An outcome; null: nothing; a distribution over outcomes. */
export type Seen = number | null | readonly number[]

export function show(slot: TestSlot, row: number, seen: readonly Seen[]): void {
  const { numObs } = slot.info.shapes
  const outcomes = numObs.reduce((sum, count) => sum + count, 0)
  const soft = new Float64Array(slot.buffer, slot.at + slot.layout.soft + 8 * outcomes * row, outcomes)
  let at = 0
  seen.forEach((one, m) => {
    if (typeof one === 'object' && one !== null) soft.set(one, at)
    const code = one === null ? NOT_SEEN : typeof one === 'number' ? one : SEEN_SOFTLY
    slot.obs[m * slot.rows + row] = code
    at += numObs[m]
  })
}

/** Anything of the three; `hard`: no distribution. */
export function seenSomehow(numObs: readonly number[], seed: number, hard = false): Seen[] {
  const random = numbers(seed)
  return numObs.map((outcomes) => {
    const kind = random()
    const outcome = Math.floor(random() * outcomes)
    if (kind < 0.2) return null
    return kind < 0.4 && !hard ? shares(outcomes, random) : outcome
  })
}

/** A distribution, of which some entries are zero. */
function shares(outcomes: number, random: () => number): number[] {
  const weights = Array.from({ length: outcomes }, () => (random() < 0.3 ? 0 : random()))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return total === 0 ? weights.map((_, o) => (o === 0 ? 1 : 0)) : weights.map((weight) => weight / total)
}

/** p(seen) of one modality by a column of its likelihood. */
export function chanceOf(seen: Seen, likelihood: (outcome: number) => number): number {
  if (seen === null) return 1
  if (typeof seen === 'number') return likelihood(seen)
  return seen.reduce((sum, share, o) => sum + share * likelihood(o), 0)
}
