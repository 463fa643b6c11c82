// Claims a core for this process, so that workers on one machine do not pin to the same ones. Called by take-cores.ts
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { readKernelFile } from './kernel-file.js'

/** Held until it is called, or until the process ends, however it ends. */
export type Release = () => Promise<void>

/**
 * Claims all CPUs of a core, in their order; undefined when another process has one of them. Throws where CPUs cannot
 * be claimed.
 *
 * A claim is an abstract Unix socket `\0cohort-cpu-N` that this process is bound to. The kernel lets one
 * process have a name, needs no file that could be left behind, and forgets the name with its owner, `kill
 * -9` included; child processes do not inherit it. It reaches as far as the network namespace: containers
 * with networks of their own do not see each other's claims (and should be given CPUs of their own).
 */
export async function claimCore(siblings: readonly number[]): Promise<Release | undefined> {
  const held: Server[] = []
  const release = async () => {
    const open = held.filter((server) => server.listening)
    await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))))
  }
  try {
    for (const cpu of siblings) {
      const server = await bind(cpu)
      if (server === undefined) {
        await release()
        return undefined
      }
      held.push(server)
    }
  } catch (error) {
    await release()
    throw error
  }
  return release
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
