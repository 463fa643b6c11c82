// leg: load. Reads the rows of a job's parts from the store into slots of the arena. Next: dispatch.ts
import type { SharedMemory, Slots } from '@cohort/cache'
import type { ModelInfo } from '@cohort/contracts'
import type { SlotExtras } from '@cohort/inference'
import type { LoadedPart, Store } from '@cohort/store'
import { checkAgainstBlock, checkAgainstModel, ofThisKernel } from './check.js'
import type { LeasedModel, Models } from './models.js'
import { extrasOf, fillSlot, fillSoft, placeSlot, type JobSlot } from './slot.js'
import type { TakenJob } from './take.js'

export interface LoadNeeds {
  readonly memory: SharedMemory
  readonly models: Pick<Models, 'lease'>
  readonly slots: Pick<Slots, 'acquire' | 'release'>
  readonly store: Pick<Store, 'blocks'>
}

/** Rows whose part is not there; the rest of the job goes on without them. */
export interface LostRows {
  readonly firstRow: number
  readonly rows: number
  readonly code: 'population_gone' | 'corrupt_record'
  readonly detail: string
}

/** A job that alone, in this worker, has its blocks. */
export interface HeldJob extends TakenJob {
  /** When it had them, milliseconds since 1970. */
  readonly heldMs: number
}

export interface LoadedJob extends HeldJob {
  readonly model: LeasedModel
  /** In the order of the parts. */
  readonly slots: readonly JobSlot[]
  /** What the slots have been laid out for. */
  readonly extras: SlotExtras
  readonly lost: readonly LostRows[]
  /** Gives the arena back. To be called once, when the commit has returned. */
  release(): void
}

/** Rejects with `invalid_job` where the job contradicts its model or its blocks; nothing has been computed then. */
export async function load({ memory, models, slots, store }: LoadNeeds, taken: HeldJob): Promise<LoadedJob> {
  const { parts } = taken.job
  const model = await models.lease(taken.job.model)
  let region: number | undefined
  const release = () => {
    if (region !== undefined) slots.release(region)
    model.release()
  }
  try {
    const { info } = model.info
    checkAgainstModel(taken, info)
    const stored = await store.blocks.load(parts.map((part) => ({ ...part, index: part.index ?? null })))
    const extras = extrasOf(taken)
    const { places, lost, bytes } = plan(taken, { info, extras, stored: stored.map(ofThisKernel) })
    // The last thing that a job waits for before it computes: who has slots waits for no one else's.
    if (bytes > 0) region = await slots.acquire(bytes)
    const placed = places.map((place) => ({ ...place, slot: place.slot + (region ?? 0) }))
    for (const place of placed) fillSlot(memory.buffer, place, taken)
    if (extras.soft) fillSoft(memory.buffer, placed, taken.observations, info.shapes.numObs)
    return { ...taken, model, slots: placed, extras, lost, release }
  } catch (error) {
    release()
    throw error
  }
}

interface Plan {
  /** Side by side; `slot` counts from the beginning of the job's region. */
  readonly places: readonly JobSlot[]
  readonly lost: readonly LostRows[]
  readonly bytes: number
}

interface Found {
  readonly info: ModelInfo
  readonly extras: SlotExtras
  readonly stored: readonly LoadedPart[]
}

function plan({ job }: TakenJob, { info, extras, stored }: Found): Plan {
  const places: JobSlot[] = []
  const lost: LostRows[] = []
  let firstRow = 0
  let bytes = 0
  stored.forEach((found, at) => {
    // The store answers each part that it was asked for.
    const part = job.parts[at]!
    if (found.state === 'found') {
      checkAgainstBlock(part, at, { info, stored: found })
      const place = placeSlot(info, extras, { part, firstRow, stored: found, slot: bytes })
      places.push(place)
      bytes += place.layout.bytes
    } else {
      lost.push({
        firstRow,
        rows: part.rows,
        ...reasonOf(found, `block ${part.block} of ${part.population}`),
      })
    }
    firstRow += part.rows
  })
  return { places, lost, bytes }
}

function reasonOf(
  part: Exclude<LoadedPart, { state: 'found' }>,
  block: string,
): Pick<LostRows, 'code' | 'detail'> {
  if (part.state === 'gone') return { code: 'population_gone', detail: `${block} was deleted` }
  return { code: 'corrupt_record', detail: `${block}: ${part.detail}` }
}
