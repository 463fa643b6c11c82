// Runs a trace through the real matrix cache: models compiled at each miss, stepped at each lease, answers checked.
import { Arena, MatrixCache } from '@cohort/cache'
import { CohortError, DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import {
  compileModel,
  describeModel,
  KERNEL_SCRATCH_BYTES,
  Kernels,
  makeScratch,
  mapModel,
  ownSlot,
  slotLayout,
  slotShape,
  validateModel,
  writeInitialRows,
} from '@cohort/inference'
import { gridModel } from '@cohort/worlds'

/** Jobs in hand at once, as in a worker. */
const JOBS = 4
const NO_EXTRAS = { soft: false, terms: false }
const WANTED = { qPi: false, G: true, vfe: false, terms: false }

export interface Rotated {
  readonly hits: number
  readonly waits: number
  readonly evictions: number
  /** Of leases, in milliseconds: those that missed contain their compile. */
  readonly leaseMs: readonly number[]
  /** Resident memory after each tenth of the trace. */
  readonly residentBytes: readonly number[]
}

/** The n-th model: a 5×5 grid as all others, with noise of its own. */
function modelOf(n: number): Model {
  const part = (n % 997) / 1000
  const grid = { size: 5, seenRight: 0.5 + 0.4 * part, movesRight: 0.9 - 0.3 * part }
  return gridModel({ grid, goal: n % 25 })
}

const bytesOf = (n: number): Uint8Array => compileModel(validateModel(modelOf(n), DEFAULT_LIMITS))

const SEEN = 12

/** Different for different G, and for the same in another order. */
const sumOf = (G: Float64Array): number => G.reduce((sum, one, i) => sum + (i + 1) * one, 0)

/** What an agent of a model comes to in a memory that no other model was ever in. */
function ofItsOwn(n: number): number {
  const valid = validateModel(modelOf(n), DEFAULT_LIMITS)
  const { buffer, slot, layout, step } = ownSlot(valid, { rows: 1, extras: NO_EXTRAS })
  const { rowBytes } = describeModel(valid)
  const out = new Uint8Array(buffer, slot + layout.rows, rowBytes)
  writeInitialRows({ model: valid, seed: 7, from: 0, out })
  new Int32Array(buffer, slot + layout.obs, 1)[0] = SEEN
  step(WANTED)
  return sumOf(new Float64Array(buffer, slot + layout.G, 5))
}

/** Bytes that one of the models takes. */
const sizeOfOne = (): number => bytesOf(0).length

const PAGE = 65_536

/** Of so many bytes for models, to the byte, and at least so many for slots. */
function arenaFor(matrixBytes: number, slotBytes: number): Arena {
  const scratchBytes = KERNEL_SCRATCH_BYTES
  const others = 64 + scratchBytes + matrixBytes
  const maxBytes = PAGE * Math.ceil((others + slotBytes) / PAGE)
  return new Arena({ maxBytes, slotBytes: maxBytes - others, scratchBytes })
}

/** `room`: how many models fit. Throws where a step gives another G than its model's own. */
export async function rotate(trace: readonly number[], room: number): Promise<Rotated> {
  const one = validateModel(modelOf(0), DEFAULT_LIMITS)
  const layout = slotLayout(slotShape(describeModel(one), NO_EXTRAS), 1)
  const arena = arenaFor(room * sizeOfOne(), layout.bytes)
  const cache = new MatrixCache<undefined>(arena)
  const slot = arena.slots.allocate(layout.bytes) ?? 0
  const kernels = new Kernels({ memory: arena.memory, scratch: arena.scratch })
  const initial = new Uint8Array(describeModel(one).rowBytes)
  writeInitialRows({ model: one, seed: 7, from: 0, out: initial })
  const known = new Map([...new Set(trace)].map((model) => [model, ofItsOwn(model)]))
  const leaseMs: number[] = []
  const residentBytes: number[] = []

  const step = (offset: number): number => {
    const { buffer } = arena.memory
    arena.bytes(slot + layout.rows, initial.length).set(initial)
    new Int32Array(buffer, slot + layout.obs, 1)[0] = SEEN
    new Float64Array(buffer, slot + layout.expectedStep, 1)[0] = -1
    const model = mapModel(buffer, offset)
    const scratch = makeScratch(model)
    const task = { model, buffer, slot, rows: 1, from: 0, to: 1, scratch, want: WANTED, extras: NO_EXTRAS }
    kernels.stepRows(task)
    return sumOf(new Float64Array(buffer, slot + layout.G, 5))
  }

  let next = 0
  const job = async (): Promise<void> => {
    while (next < trace.length) {
      const model = trace[next++]
      const begun = performance.now()
      const lease = await cache.lease(`model ${model}`, async () => ({
        bytes: bytesOf(model),
        info: undefined,
      }))
      leaseMs.push(performance.now() - begun)
      const got = step(lease.handle.offset)
      if (got !== known.get(model))
        throw new CohortError('internal', `model ${model}: G ${got} instead of ${known.get(model)}`)
      // Others have their turn while this one is held, as they have while a job computes.
      await new Promise(setImmediate)
      lease.release()
      if (next % Math.ceil(trace.length / 10) === 0) residentBytes.push(process.memoryUsage().rss)
    }
  }
  await Promise.all(Array.from({ length: JOBS }, job))
  const { hits, waits, evictions, bytes, entries } = cache.counters
  if (bytes !== entries * 64 * Math.ceil(sizeOfOne() / 64))
    throw new CohortError('internal', `${bytes} bytes for ${entries} models`)
  return { hits, waits, evictions, leaseMs, residentBytes }
}
