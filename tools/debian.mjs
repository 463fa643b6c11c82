// Unpacks packages of Debian or Ubuntu, with the libraries that they lack here, into a folder of ours: no root needed.
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { PRIVATE, execute, onPath, say } from './shell.mjs'

/** Never beside the system's own: a C library must be the one of its loader. */
const NEVER = /^(libc6|libgcc-s1|libcrypt1)$/
/** Lists of packages apart from the system's: for a system without any, and a user who may not fetch them for it. */
const LISTS = join(PRIVATE, 'apt')
const ROOT_STAYS_ROOT = process.getuid?.() === 0 ? ['-o', 'APT::Sandbox::User=root'] : []
const OWN_LISTS = [`Dir::State::lists=${LISTS}/lists`, `Dir::Cache=${LISTS}/cache`]
const PATIENCE = ['Acquire::http::Timeout=20', 'Acquire::https::Timeout=20', 'Acquire::Retries=1']

export const isDebian = () => onPath('apt-get') !== undefined && onPath('dpkg') !== undefined

/** Calls `fill` with an Unpacked and puts what it got into `folder`, whole or not at all. Throws in apt's words. */
export async function unpackInto(folder, fill) {
  const work = `${folder}-${process.pid}`
  rmSync(work, { recursive: true, force: true })
  mkdirSync(join(work, 'files'), { recursive: true })
  try {
    await fill(new Unpacked(work))
    rmSync(folder, { recursive: true, force: true })
    renameSync(work, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
    rmSync(LISTS, { recursive: true, force: true })
  }
}

/** The folders with libraries in what was unpacked, relative to it. */
export function libraryFolders(folder) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => /\.so(\.|$)/.test(name))
  return [...new Set(names.map(dirname))]
}

class Unpacked {
  #options = [...ROOT_STAYS_ROOT, ...PATIENCE.flatMap((option) => ['-o', option])]
  #hasOwnLists = false

  constructor(folder) {
    this.folder = folder
  }

  /** Downloads and unpacks the packages; false where apt cannot get one of them, also with fresh lists. */
  async add(packages) {
    const debs = join(this.folder, 'debs')
    rmSync(debs, { recursive: true, force: true })
    mkdirSync(debs)
    const { code } = await execute('apt-get', [...this.#options, 'download', ...packages], { cwd: debs })
    if (code !== 0) return (await this.#fetchLists()) ? this.add(packages) : false
    for (const deb of readdirSync(debs)) {
      const unpack = await execute('dpkg', ['-x', join(debs, deb), join(this.folder, 'files')])
      if (unpack.code !== 0) throw new Error(unpack.output)
    }
    rmSync(debs, { recursive: true })
    return true
  }

  /**
   * Adds packages until the loader finds every library of a program: those that `packages` depend on, level by level,
   * or, without packages, those that are called as the library is.
   */
  async addLibraries(program, packages = []) {
    const tried = new Set(packages)
    let level = packages
    for (;;) {
      const missing = await this.#missing(program)
      if (missing.length === 0) return
      const names = packages.length > 0 ? await this.#dependencies(level) : missing.map(packageOf)
      level = names.filter((name) => !tried.has(name) && !NEVER.test(name))
      const lacking = await notInstalled(level)
      if (level.length === 0 || (lacking.length > 0 && !(await this.add(lacking)))) {
        throw new Error(`no package brings ${missing.join(', ')}`)
      }
      for (const name of level) tried.add(name)
    }
  }

  async #missing(program) {
    const path = libraryFolders(this.folder).map((name) => join(this.folder, name))
    const { output } = await execute('ldd', [program], {
      env: { ...process.env, LD_LIBRARY_PATH: path.join(':') },
    })
    return [...output.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name)
  }

  async #dependencies(packages) {
    const { output } = await execute('apt-cache', [...this.#options, 'depends', ...packages])
    return [...output.matchAll(/^\s*\|?(?:Pre)?Depends: ((?:lib|lua)\S+)/gm)].map(([, name]) => name)
  }

  /** One unreachable source fails the whole update, so only what it brought counts. False the second time. */
  async #fetchLists() {
    if (this.#hasOwnLists) return false
    this.#hasOwnLists = true
    say(`fetching the system’s lists of packages into ${relative(dirname(PRIVATE), LISTS)}`)
    for (const folder of ['lists/partial', 'cache/archives/partial'])
      mkdirSync(join(LISTS, folder), { recursive: true })
    this.#options.push(...OWN_LISTS.flatMap((option) => ['-o', option]))
    await execute('apt-get', [...this.#options, 'update'])
    return true
  }
}

/** `libatomic.so.1` is in `libatomic1`. */
const packageOf = (library) => library.replace(/\.so\.(\d+).*$/, '$1').toLowerCase()

async function notInstalled(packages) {
  const { output } = await execute('dpkg-query', [
    '-W',
    '-f',
    '${Package} ${db:Status-Status}\n',
    ...packages,
  ])
  const installed = new Set([...output.matchAll(/^(\S+) installed$/gm)].map(([, name]) => name))
  return packages.filter((name) => !installed.has(name))
}
