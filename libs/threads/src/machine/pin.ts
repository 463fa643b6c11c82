// Keeps the calling thread on a CPU, or on some, and reads back whether it holds. Called by enter-thread.ts
import { readFileSync, readlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpusAllowedIn } from './topology.js'

export type Pinning =
  | { readonly pinned: true; readonly cpu: number; readonly tid: number }
  | { readonly pinned: false; readonly reason: string }

/** Bytes of a CPU mask for 1,024 CPUs, what the C library's own `cpu_set_t` has. */
const MASK_BYTES = 128

/**
 * On Linux the thread may then run on this CPU only; elsewhere, or where it is not allowed, says why not.
 * Never throws.
 */
export function pinThisThread(cpu: number): Pinning {
  const kept = keepThisThreadOn([cpu])
  return kept.kept ? { pinned: true, cpu, tid: kept.tid } : { pinned: false, reason: kept.reason }
}

export type Kept =
  | { readonly kept: true; readonly tid: number }
  | { readonly kept: false; readonly reason: string }

/** The same for several: the thread may then run on each of them, and threads that it starts begin so. */
export function keepThisThreadOn(cpus: readonly number[]): Kept {
  const tid = thisThreadId()
  if (tid === undefined) return { kept: false, reason: `threads cannot be pinned on ${process.platform}` }
  const to = `CPU ${cpus.join(', ')}`
  try {
    const errno = setAffinity(cpus)
    if (errno !== undefined) return { kept: false, reason: `the system refused to pin to ${to} (${errno})` }
  } catch (error) {
    return { kept: false, reason: `sched_setaffinity cannot be called here (${String(error)})` }
  }
  const now = cpusAllowedIn(readFileSync('/proc/thread-self/status', 'utf8'))
  // The kernel leaves out, without a word, those of several that it does not let us use.
  if (now.join() === cpus.toSorted((a, b) => a - b).join()) return { kept: true, tid }
  return { kept: false, reason: `pinned to ${to}, but the thread is allowed on ${now.join(', ')}` }
}

/**
 * The kernel's id of the calling thread: its folder in /proc/self/task. Undefined where there is no such
 * thing.
 */
export function thisThreadId(): number | undefined {
  if (process.platform !== 'linux') return undefined
  return Number(readlinkSync('/proc/thread-self').split('/').at(-1))
}

/**
 * The name of the error, or undefined when it worked. koffi is loaded here, so that who never pins needs no
 * native code.
 */
function setAffinity(cpus: readonly number[]): string | undefined {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
  const call = koffi.load(null).func('int sched_setaffinity(int pid, size_t length, const void *mask)')
  const mask = affinityMask(cpus)
  // pid 0 is the calling thread, not the process.
  if (call(0, mask.length, mask) === 0) return undefined
  const errno = koffi.errno()
  return Object.entries(koffi.os.errno).find(([, code]) => code === errno)?.[0] ?? `errno ${errno}`
}

/** One bit per CPU, whole 64-bit words, as the kernel reads it. */
export function affinityMask(cpus: readonly number[]): Uint8Array {
  const mask = new Uint8Array(Math.max(MASK_BYTES, Math.ceil((Math.max(0, ...cpus) + 1) / 64) * 8))
  for (const cpu of cpus) mask[cpu >> 3] = (mask[cpu >> 3] ?? 0) | (1 << (cpu & 7))
  return mask
}
