// How much CPU time the control groups of this process leave it. Used by placement.ts, throttling.ts
import { dirname, join } from 'node:path'
import { readKernelFile } from './kernel-file.js'

export interface CpuQuota {
  /** CPUs' worth of time: 1.5 is one and a half. */
  readonly cpus: number
  /** The file that says so. */
  readonly file: string
}

/** The smallest quota of the groups that this process is in: each of them holds. Undefined where none has one. */
export const cpuQuota = (root = '/'): CpuQuota | undefined =>
  cpuQuotas(root)
    .toSorted((a, b) => a.cpus - b.cpus)
    .at(0)

/**
 * Those of the groups that this process is in, from its own up to the topmost that it can see. Versions 1 and 2, also
 * both at once. `root` stands for `/`, for trees recorded elsewhere.
 */
export function cpuQuotas(root = '/'): CpuQuota[] {
  const read = (path: string) => readKernelFile(join(root, path))
  const groups = (read('proc/self/cgroup') ?? '').split('\n').map(groupOf)
  const mounts = (read('proc/self/mountinfo') ?? '').split('\n').map(mountOf)
  const quotas = groups.flatMap((group) =>
    mounts
      .filter((mount) => mount !== undefined && mount.version === group?.version)
      .flatMap((mount) => foldersUp(group, mount))
      .map((folder) => quotaIn(folder, read)),
  )
  return quotas.filter((quota) => quota !== undefined)
}

interface Group {
  readonly version: 1 | 2
  readonly path: string
}

/** `0::/path` of version 2, `4:cpu,cpuacct:/path` of version 1; undefined for groups that do not bound CPU time. */
function groupOf(line: string): Group | undefined {
  const [, controllers, path] = /^\d+:([^:]*):(.+)$/.exec(line) ?? []
  if (controllers === undefined || path === undefined) return undefined
  if (controllers === '') return { version: 2, path }
  return controllers.split(',').includes('cpu') ? { version: 1, path } : undefined
}

interface Mount extends Group {
  /** Which group of the tree is seen at `path`: in a container often not the topmost. */
  readonly top: string
}

/** A line of mountinfo: `… top path options … - type source options`. */
function mountOf(line: string): Mount | undefined {
  const [before = '', after = ''] = line.split(' - ')
  const [, , , top, path] = before.split(' ')
  const [type, , options = ''] = after.split(' ')
  if (top === undefined || path === undefined) return undefined
  if (type === 'cgroup2') return { version: 2, top, path }
  return type === 'cgroup' && options.split(',').includes('cpu') ? { version: 1, top, path } : undefined
}

/** The group's own folder, its parent's, … up to the mount; the mount alone where it does not show the group. */
function foldersUp(group: Group | undefined, mount: Mount | undefined): string[] {
  if (group === undefined || mount === undefined) return []
  const top = mount.top === '/' ? '' : mount.top
  const isShown = `${group.path}/`.startsWith(`${top}/`) && !group.path.includes('/..')
  const folders = [mount.path]
  for (let below = isShown ? group.path.slice(top.length) : '/'; below.length > 1; below = dirname(below))
    folders.push(join(mount.path, below))
  return folders
}

/** A folder has the files of its own version. */
function quotaIn(folder: string, read: (path: string) => string | undefined): CpuQuota | undefined {
  const max = read(join(folder, 'cpu.max'))
  const file = join(folder, max === undefined ? 'cpu.cfs_quota_us' : 'cpu.max')
  const text = max ?? `${read(file)} ${read(join(folder, 'cpu.cfs_period_us'))}`
  // `max` and −1 say that there is none.
  const [quota = Number.NaN, period = Number.NaN] = text.split(/\s+/).map(Number)
  return quota > 0 && period > 0 ? { cpus: quota / period, file } : undefined
}
