// Claims CPUs for this process, so that workers on one machine do not pin to the same ones. Next: pool.ts
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { readKernelFile } from './kernel-file.js'

export interface CpuClaim {
  /** In the order in which they were allowed: the best first. */
  readonly cpus: readonly number[]
  /** Why there are fewer than wanted, a sentence; undefined where there are enough. */
  readonly note: string | undefined
  /** Gives them back. They also go back when the process ends, however it ends. */
  release(): Promise<void>
}

interface Held {
  readonly cpu: number
  readonly server: Server
}

/**
 * Takes up to `wanted` of the `allowed` CPUs, in their order, that no other process has claimed.
 *
 * A claim is an abstract Unix socket `\0cohort-cpu-N` that this process is bound to. The kernel lets one
 * process have a name, needs no file that could be left behind, and forgets the name with its owner, `kill
 * -9` included; child processes do not inherit it. It reaches as far as the network namespace: containers
 * with networks of their own do not see each other's claims (and should be given CPUs of their own).
 *
 * Where claims are impossible nothing is claimed: two workers pinned to one core are worse than none pinned.
 */
export async function claimCpus(allowed: readonly number[], wanted: number): Promise<CpuClaim> {
  if (process.platform !== 'linux')
    return claim([], `CPUs cannot be claimed on ${process.platform}: threads run unpinned`)
  const held: Held[] = []
  try {
    for (const cpu of allowed) {
      if (held.length >= wanted) break
      const server = await bind(cpu)
      if (server !== undefined) held.push({ cpu, server })
    }
  } catch (error) {
    await release(held)
    return claim([], `CPUs cannot be claimed here (${String(error)}): threads run unpinned`)
  }
  return claim(held, held.length < wanted ? shortfall(held, allowed, wanted) : undefined)
}

/**
 * The CPUs that any process has claimed now, ascending: the kernel lists the names, not who has them. Undefined where
 * it does not show its list. `root` stands for `/`, for trees recorded elsewhere.
 */
export function claimedCpus(root = '/'): number[] | undefined {
  const sockets = readKernelFile(join(root, 'proc/net/unix'))
  if (sockets === undefined) return undefined
  const named = [...sockets.matchAll(/ @cohort-cpu-(\d+)$/gm)].map(([, cpu]) => Number(cpu))
  return [...new Set(named)].toSorted((a, b) => a - b)
}

/** Undefined when another process has it. */
async function bind(cpu: number): Promise<Server | undefined> {
  // Nobody has business to connect; who does is hung up on.
  const server = createServer((socket) => socket.destroy())
  try {
    await once(server.listen({ path: `\0cohort-cpu-${cpu}` }), 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
  return server.unref()
}

const claim = (held: readonly Held[], note: string | undefined): CpuClaim => ({
  cpus: held.map(({ cpu }) => cpu),
  note,
  release: () => release(held),
})

async function release(held: readonly Held[]): Promise<void> {
  const open = held.filter(({ server }) => server.listening)
  await Promise.all(open.map(({ server }) => new Promise((resolve) => server.close(resolve))))
}

function shortfall(held: readonly Held[], allowed: readonly number[], wanted: number): string {
  const got = `${held.length} of ${wanted} wanted CPUs claimed`
  const rest = 'threads without one run unpinned'
  return held.length === allowed.length
    ? `${got}: this process may use no more than ${allowed.length}; ${rest}`
    : `${got}: other processes hold the rest of ${allowed.join(', ')}; ${rest}`
}
