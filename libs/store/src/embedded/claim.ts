// For embedded.ts: a data directory belongs to one server at a time. Who holds it is written in it.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CohortError } from '@cohort/contracts'
import { birthOf } from './process-birth.js'

/** A process, so that a later one with the same pid is not taken for it. */
interface Holder {
  readonly pid: number
  readonly birth: string | undefined
}

export interface Claim {
  readonly dir: string
  /** The server that writes to the directory now: it may outlive us by a moment. */
  setServer(pid: number): void
  release(): void
}

/** The directory, then `<dir>-2`, `<dir>-3` …: so many servers at once. */
const DIRECTORIES = 16
/** How long the server of a process that was killed may take to end, before its directory counts as held. */
const LEAVING_MS = 8000

/**
 * Takes `dir`, or, while a living process holds it, the first of its numbered neighbours that is free: a second demo
 * runs beside the first, and the next run finds the first one's data again. A directory whose process is gone and whose
 * server is still ending is waited for. Throws `configuration` when all are held.
 */
export async function claimDirectory(dir: string, log: (message: string) => void): Promise<Claim> {
  let first: number | undefined
  for (let number = 1; number <= DIRECTORIES; number++) {
    const candidate = number === 1 ? dir : `${dir}-${number}`
    const taken = await claim(candidate)
    if (typeof taken !== 'number') {
      if (first !== undefined)
        log(`${dir} is in use by process ${first}; this one keeps its data in ${candidate}`)
      return taken
    }
    first ??= taken
  }
  const held = `${dir} and its ${DIRECTORIES - 1} neighbours are in use, the first by process ${first}`
  throw new CohortError('configuration', `${held}: stop some of them, or choose another directory`)
}

/** The claim, or the pid of the process that holds the directory. */
async function claim(dir: string): Promise<Claim | number> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await chmod(dir, 0o700)
  const end = performance.now() + LEAVING_MS
  for (;;) {
    const { owner, server, taken } = alone(dir, () => take(dir)) ?? {}
    if (taken) return held(dir)
    if (owner !== undefined) return owner.pid
    // Another process is looking in this moment, or a server whose owner was killed is on its way out.
    if (performance.now() > end) {
      if (server !== undefined) return server.pid
      throw new CohortError('configuration', `${markIn(dir)} stays: remove it, or choose another directory`)
    }
    await sleep(20)
  }
}

interface Seen {
  readonly taken?: true
  readonly owner?: Holder | undefined
  readonly server?: Holder | undefined
}

function take(dir: string): Seen {
  const [owner, server] = readHolders(dir).map((holder) => (isAlive(holder) ? holder : undefined))
  if (owner !== undefined || server !== undefined) return { owner, server }
  writeHolders(dir, [holderOf(process.pid)])
  return { taken: true }
}

const held = (dir: string): Claim => ({
  dir,
  setServer: (pid) => writeHolders(dir, [holderOf(process.pid), holderOf(pid)]),
  release: () => rmSync(fileIn(dir), { force: true }),
})

const fileIn = (dir: string): string => join(dir, 'holder.json')
const markIn = (dir: string): string => join(dir, 'claiming')
const holderOf = (pid: number): Holder => ({ pid, birth: birthOf(pid) })
const isAlive = ({ pid, birth }: Holder): boolean => birth !== undefined && birthOf(pid) === birth

/** Whole or not at all: a reader never sees half of it. */
function writeHolders(dir: string, holders: Holder[]): void {
  const next = `${fileIn(dir)}.${process.pid}`
  writeFileSync(next, JSON.stringify(holders), { mode: 0o600 })
  renameSync(next, fileIn(dir))
}

/** The owner and its server, as far as they are written down. What cannot be read holds nothing. */
function readHolders(dir: string): Holder[] {
  try {
    const holders = JSON.parse(readFileSync(fileIn(dir), 'utf8')) as Holder[]
    return holders.filter(({ pid }) => Number.isInteger(pid))
  } catch {
    return []
  }
}

/** A process that died while it looked, within microseconds, leaves its mark; it counts for so long. */
const LOOK_MS = 5000

/**
 * Reading and writing the holder as one act, by a directory that only one process can make. Undefined where another
 * one is at it.
 */
function alone<T>(dir: string, act: () => T): T | undefined {
  const mark = markIn(dir)
  try {
    mkdirSync(mark)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (isOld(mark)) rmSync(mark, { recursive: true, force: true })
    return undefined
  }
  try {
    return act()
  } finally {
    rmSync(mark, { recursive: true, force: true })
  }
}

function isOld(path: string): boolean {
  const made = statSync(path, { throwIfNoEntry: false })
  return made !== undefined && Date.now() - made.mtimeMs > LOOK_MS
}
