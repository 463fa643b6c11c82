// Steps straight through the kernel, without HTTP, queue, store or threads: what a system must match to the bit.
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import {
  compileModel,
  describeModel,
  makeScratch,
  mapModel,
  NOT_SEEN,
  SEEN_SOFTLY,
  slotLayout,
  slotShape,
  stepRows,
  validateModel,
  writeInitialRows,
} from '@cohort/inference'

/** `seen[modality][agent]`, as in a request. */
export type Seen = readonly (readonly (number | null | readonly number[])[])[]

const EXTRAS = { soft: true, terms: false }
const WANT = { qPi: false, G: false, vfe: false, terms: false }

/** The rows of the first `count` agents of a population with seed 0, after a step a round. None may fail. */
export function rowsAfter(model: Model, count: number, rounds: readonly Seen[]): Uint8Array {
  const valid = validateModel(model, DEFAULT_LIMITS)
  const info = describeModel(valid)
  const layout = slotLayout(slotShape(info, EXTRAS), count)
  const buffer = new ArrayBuffer(layout.bytes)
  const rows = new Uint8Array(buffer, layout.rows, count * info.rowBytes)
  const compiled = mapModel(new Uint8Array(compileModel(valid)).buffer, 0)
  const task = { model: compiled, buffer, slot: 0, rows: count, from: 0, to: count, extras: EXTRAS }
  const scratch = makeScratch(compiled)
  writeInitialRows({ model: valid, seed: 0, from: 0, out: rows })
  new Float64Array(buffer, layout.expectedStep, count).fill(-1)
  const columns = new Int32Array(buffer, layout.obs, count * info.shapes.numObs.length)
  for (const seen of rounds) {
    columns.set(seen.flatMap((column) => column.map(codeOf)))
    const soft = Array.from({ length: count }, (_, agent) => softOf(seen, agent, info.shapes.numObs)).flat()
    new Float64Array(buffer, layout.soft, soft.length).set(soft)
    stepRows({ ...task, scratch, want: WANT })
    if (new Int32Array(buffer, layout.errors, count).some((error) => error !== 0))
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
