// Which model is asked for when: traces of leases, and what the simplest and the best policy would make of them.
import { type Draw, drawPair } from '@cohort/worlds'

export interface Trace {
  readonly name: string
  readonly about: string
  /** Numbers of models, in the order in which jobs ask for them. */
  readonly models: readonly number[]
}

const MODELS = 1000

export const TRACES: readonly Trace[] = [
  {
    name: 'rotation',
    about: '1,000 models in turn, ten times: ten times as many as fit',
    models: Array.from({ length: 10 * MODELS }, (_, i) => i % MODELS),
  },
  {
    name: 'favourites',
    about: '1,000 models, the n-th a 1/n-th as often as the first (Zipf)',
    models: zipf(10 * MODELS, MODELS, 1),
  },
  {
    name: 'favourites and scans',
    about: '100 favourites (Zipf), and after each 1,000 leases 500 models that come once and never again',
    models: withScans(zipf(10 * MODELS, 100, 2)),
  },
  {
    name: 'new favourites',
    about: '100 favourites (Zipf); after each 2,500 leases there are 100 others',
    models: zipf(10 * MODELS, 100, 3).map((model, i) => model + 100 * Math.floor(i / 2500)),
  },
]

function zipf(length: number, models: number, purpose: number): number[] {
  const shares = Array.from({ length: models }, (_, n) => 1 / (n + 1))
  const total = shares.reduce((sum, share) => sum + share)
  const draw: Draw = { seed: 45, tick: 0, purpose }
  const pair = new Float64Array(2)
  return Array.from({ length }, (_, i) => {
    drawPair(draw, i, pair)
    let left = pair[0] * total
    const model = shares.findIndex((share) => (left -= share) < 0)
    return model < 0 ? models - 1 : model
  })
}

/** What comes once has a number of its own. */
function withScans(favourites: readonly number[]): number[] {
  let next = MODELS
  return favourites.flatMap((model, i) =>
    i % 1000 === 999 ? [model, ...Array.from({ length: 500 }, () => next++)] : [model],
  )
}

/** Share of hits, where whoever was asked for longest ago goes. All models are of one size. */
export function hitsOfOldestFirst(trace: readonly number[], room: number): number {
  const here = new Set<number>()
  let hits = 0
  for (const model of trace) {
    if (here.delete(model)) hits += 1
    else if (here.size === room) here.delete(here.values().next().value as number)
    here.add(model)
  }
  return hits / trace.length
}

/** The most hits that there can be, for who knows what comes: whoever comes again last goes (Belady, 1966). */
export function hitsOfForesight(trace: readonly number[], room: number): number {
  const next = new Array<number>(trace.length).fill(Infinity)
  const seen = new Map<number, number>()
  for (let i = trace.length - 1; i >= 0; i--) {
    next[i] = seen.get(trace[i]) ?? Infinity
    seen.set(trace[i], i)
  }
  const here = new Map<number, number>()
  let hits = 0
  trace.forEach((model, i) => {
    if (here.has(model)) hits += 1
    else if (here.size === room) {
      const [last] = [...here].reduce((one, other) => (other[1] > one[1] ? other : one))
      here.delete(last)
    }
    here.set(model, next[i])
  })
  return hits / trace.length
}
