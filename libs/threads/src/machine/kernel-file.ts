// Reads a file of the kernel's (/proc, /sys). Used by topology.ts, quota.ts, throttling.ts, claim.ts
import { readFileSync } from 'node:fs'

/**
 * Undefined where there is no such file: that is how these files say that the platform does not have the
 * thing.
 */
export function readKernelFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
