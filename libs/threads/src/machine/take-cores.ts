// Claims the cores of a placement for this process, also where others claim at the same time. Next: pool/seats.ts
import { claimCore, claimedCpus, type Release } from './claim.js'
import { type Core, type Placement, planPlacement, threadsOn, type Wish } from './placement.js'
import { cpusOf } from './topology.js'

export interface TakenCores {
  /** The CPUs to pin compute threads to, a CPU a thread, the best first. */
  readonly cpus: readonly number[]
  readonly threads: number
  /** Why there are fewer CPUs than wanted, a sentence; undefined where there are enough. */
  readonly note: string | undefined
  /** The CPUs of their NUMA node, where all of them are on one of several: memory is near where these touch it. */
  readonly node: readonly number[] | undefined
  /** Gives them back. They also go back when the process ends, however it ends. */
  release(): Promise<void>
}

/**
 * Never more than `most` threads where nobody asked for a number. Where claims are impossible nothing is claimed: two
 * workers pinned to one core are worse than none pinned.
 */
export async function takeCores(wish: Omit<Wish, 'claimed'>, most: number): Promise<TakenCores> {
  const wanted = wish.threads ?? most
  const none = (note: string): TakenCores => {
    return { cpus: [], threads: wanted, note, node: undefined, release: async () => {} }
  }
  if (wish.topology.places.length === 0) return none(`${UNSAID}: threads run unpinned`)
  const held: Held[] = []
  try {
    const plan = await takeFirst(wish, held)
    // Each process begins with the first core of its plan. Who has it has the room of that plan; what others take from
    // it in this moment is left to them.
    for (const core of plan.cores.slice(1)) {
      if (held.length >= coresFor(plan, most)) break
      await take(core, held)
    }
    return taken(wish, most, held)
  } catch (error) {
    await release(held)
    return none(`CPUs cannot be claimed here (${String(error)}): threads run unpinned`)
  }
}

const UNSAID = 'this platform does not say which CPUs there are'

interface Held {
  readonly core: Core
  readonly release: Release
}

/** Plans, and takes the first core: where another process was faster, its claim is known then and changes the plan. */
async function takeFirst(wish: Omit<Wish, 'claimed'>, held: Held[]): Promise<Placement> {
  const lost: number[] = []
  for (;;) {
    const plan = planPlacement({ ...wish, claimed: [...lost, ...(claimedCpus() ?? [])] })
    const [first] = plan.cores
    if (first === undefined || (await take(first, held))) return plan
    lost.push(...first.siblings)
  }
}

async function take(core: Core, held: Held[]): Promise<boolean> {
  const given = await claimCore(core.siblings)
  if (given !== undefined) held.push({ core, release: given })
  return given !== undefined
}

const coresFor = ({ threads, keepsCore }: Placement, most: number): number =>
  keepsCore ? Math.min(threads, most) + 1 : threads

function taken(wish: Omit<Wish, 'claimed'>, most: number, held: readonly Held[]): TakenCores {
  const cores = held.map(({ core }) => core)
  const threads = wish.threads ?? Math.min(most, threadsOn(cores.length, wish.quota).threads)
  // Their siblings only where there are more threads than cores: by default there never are.
  const firsts = cores.flatMap(({ cpus: [first] }) => first ?? [])
  const cpus = [...firsts, ...cores.flatMap(({ cpus: [, ...others] }) => others)].slice(0, threads)
  const wanted = wish.threads ?? most
  return {
    cpus,
    threads,
    note: cpus.length < wanted ? shortfall(cpus.length, wanted, wish) : undefined,
    node: cpus.length === threads ? nodeOf(cpus, wish) : undefined,
    release: () => release(held),
  }
}

/** Undefined also where there is only one: then nothing is far. */
function nodeOf(cpus: readonly number[], { topology }: Omit<Wish, 'claimed'>): number[] | undefined {
  if ((topology.nodes?.length ?? 0) < 2) return undefined
  const nodes = new Set(topology.places.filter(({ cpu }) => cpus.includes(cpu)).map(({ node }) => node))
  const [node] = nodes
  if (nodes.size !== 1 || node === undefined) return undefined
  return topology.places.filter((place) => place.node === node).map(({ cpu }) => cpu)
}

async function release(held: readonly Held[]): Promise<void> {
  await Promise.all(held.map((one) => one.release()))
}

function shortfall(got: number, wanted: number, { topology }: Omit<Wish, 'claimed'>): string {
  const allowed = cpusOf(topology)
  const short = `${got} of ${wanted} wanted CPUs claimed`
  const rest = 'threads without one run unpinned'
  return got === allowed.length
    ? `${short}: this process may use no more than ${allowed.length}; ${rest}`
    : `${short}: other processes hold the rest of ${allowed.join(', ')}; ${rest}`
}
