// For embedded.ts: which process a pid meant when it was written down. Pids are used again, above all after a reboot.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** When the process began, in whatever form the platform tells it; undefined where there is no such process. */
export function birthOf(pid: number): string | undefined {
  return process.platform === 'linux' ? birthByProc(pid) : birthByPs(pid)
}

/** The 22nd field, in ticks since the boot that the boot id names. The second field holds a name: anything but `)`. */
function birthByProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended; only its parent has not heard of it.
    if (fields[0] === 'Z') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`
  } catch {
    return undefined
  }
}

function birthByPs(pid: number): string | undefined {
  try {
    const env = { LC_ALL: 'C', TZ: 'UTC' }
    return execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env }).trim()
  } catch {
    return undefined
  }
}
