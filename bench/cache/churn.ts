// How much of its budget the cache can fill while models of very different sizes come and go.
import { Arena, MatrixCache } from '@cohort/cache'
import { type Draw, drawPair } from '@cohort/worlds'

const BUDGET = 256 * 2 ** 20
const LEASES = 6000

export interface Churned {
  /** Mean share of the budget in use, once it has been full. */
  readonly use: number
  /** Bytes moved for each byte that was loaded. */
  readonly movedShare: number
}

/** Sizes from 10 KB to 4 MB, each as likely as any by its logarithm; half of the models are asked for twice. */
export async function churn(): Promise<Churned> {
  const arena = new Arena({ maxBytes: BUDGET + 2 * 65_536, slotBytes: 65_536 })
  const cache = new MatrixCache<undefined>(arena)
  const draw: Draw = { seed: 46, tick: 0, purpose: 1 }
  const pair = new Float64Array(2)
  let [sum, counted, loaded] = [0, 0, 0]
  for (let i = 0; i < LEASES; i++) {
    drawPair(draw, i, pair)
    const bytes = Math.floor(10_000 * 400 ** pair[0])
    // Half of them come twice, so that not always the last one goes.
    const again = pair[1] < 0.5 ? 1 : 2
    for (let n = 0; n < again; n++)
      (
        await cache.lease(`model ${i}`, async () => ({ bytes: new Uint8Array(bytes), info: undefined }))
      ).release()
    loaded += bytes
    if (cache.counters.evictions === 0) continue
    sum += cache.counters.bytes / arena.matrices.capacity
    counted += 1
  }
  return { use: sum / counted, movedShare: cache.counters.movedBytes / loaded }
}
