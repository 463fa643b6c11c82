// One bootstrap at a time in a clone: a folder that only one process can make, with its owner's pid inside.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { PRIVATE, say } from './shell.mjs'

const LOCK = join(PRIVATE, 'lock')
const TAKEOVER = join(PRIVATE, 'lock-takeover')
const BEAT_MS = 2_000
/** An owner that lives but has not beaten for so long is another process with the same pid (after a reboot, say). */
const STALE_MS = 30_000

/** Runs `work` while holding the lock, which is given back at its end, good or bad. */
export async function withLock(work) {
  await acquire()
  const beat = setInterval(() => utimesSync(LOCK, new Date(), new Date()), BEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    rmSync(LOCK, { recursive: true, force: true })
  }
}

async function acquire() {
  mkdirSync(PRIVATE, { recursive: true })
  for (let turn = 0; !tryAcquire(); turn++) {
    if (turn === 0) say(`waiting for another start in this folder (process ${owner() ?? '?'})`)
    removeStale()
    await pause(200)
  }
}

/** A folder with the pid already in it is renamed into place: there is no moment at which the lock has no owner. */
function tryAcquire() {
  const mine = `${LOCK}-${process.pid}`
  rmSync(mine, { recursive: true, force: true })
  mkdirSync(mine)
  writeFileSync(join(mine, 'pid'), String(process.pid))
  try {
    renameSync(mine, LOCK)
    return true
  } catch (error) {
    rmSync(mine, { recursive: true, force: true })
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false
    throw error
  }
}

/** Only who made the takeover folder looks and removes: two waiters could else remove each other's new lock. */
function removeStale() {
  try {
    mkdirSync(TAKEOVER)
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (ageMs(TAKEOVER) > STALE_MS) rmSync(TAKEOVER, { recursive: true, force: true })
    return
  }
  if (isStale()) rmSync(LOCK, { recursive: true, force: true })
  rmSync(TAKEOVER, { recursive: true, force: true })
}

function isStale() {
  const pid = owner()
  return pid !== undefined && (!isAlive(pid) || ageMs(LOCK) > STALE_MS)
}

function owner() {
  try {
    return Number(readFileSync(join(LOCK, 'pid'), 'utf8'))
  } catch {
    return undefined
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return 0
  }
}
