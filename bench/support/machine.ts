// Where figures were measured: the machine, and the state of the sources.
import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os'

export interface Machine {
  readonly cpu: string
  /** Cores that this process may use. */
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
}

export const machineFacts = (): Machine => ({
  cpu: cpus()[0]?.model.trim() || 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
  system: `${platform()} ${release()}`,
  node: process.version,
})

/** The commit's short id, with `+` where files differ from it; `unknown` outside of a git checkout. */
export function commitId(): string {
  try {
    const id = git('rev-parse', '--short', 'HEAD')
    return git('status', '--porcelain') === '' ? id : `${id}+`
  } catch {
    // An unpacked archive, or a machine without git: the figures hold, their place in history is not known.
    return 'unknown'
  }
}

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim()
