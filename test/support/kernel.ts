// Steps straight through the kernel, without HTTP, queue, store or threads: what a system must match to the bit.
import { DEFAULT_LIMITS, type Model, NOT_SEEN, SEEN_SOFTLY } from '@cohort/contracts'
import { describeModel, ownSlot, validateModel, writeInitialRows } from '@cohort/inference'

/** `seen[modality][agent]`, as in a request. */
export type Seen = readonly (readonly (number | null | readonly number[])[])[]

const EXTRAS = { soft: true, terms: false }
const WANT = { qPi: false, G: false, vfe: false, terms: false }

/** The rows of the first `count` agents of a population with seed 0, after a step a round. None may fail. */
export function rowsAfter(model: Model, count: number, rounds: readonly Seen[]): Uint8Array {
  const valid = validateModel(model, DEFAULT_LIMITS)
  const info = describeModel(valid)
  const { buffer, slot, layout, step } = ownSlot(valid, { rows: count, extras: EXTRAS })
  const rows = new Uint8Array(buffer, slot + layout.rows, count * info.rowBytes)
  writeInitialRows({ model: valid, seed: 0, from: 0, out: rows })
  const columns = new Int32Array(buffer, slot + layout.obs, count * info.shapes.numObs.length)
  for (const seen of rounds) {
    columns.set(seen.flatMap((column) => column.map(codeOf)))
    const soft = Array.from({ length: count }, (_, agent) => softOf(seen, agent, info.shapes.numObs)).flat()
    new Float64Array(buffer, slot + layout.soft, soft.length).set(soft)
    step(WANT)
    if (new Int32Array(buffer, slot + layout.errors, count).some((error) => error !== 0))
      throw new Error('a row did not step')
  }
  return rows
}

const codeOf = (seen: Seen[number][number]): number =>
  seen === null ? NOT_SEEN : typeof seen === 'number' ? seen : SEEN_SOFTLY

/** Of all modalities; zeros where none was seen softly. */
const softOf = (seen: Seen, agent: number, numObs: readonly number[]): number[] =>
  numObs.flatMap((outcomes, modality) => {
    const one = seen[modality]?.[agent] ?? null
    return typeof one === 'object' && one !== null ? one : Array.from({ length: outcomes }, () => 0)
  })
