// Step 1: the Node that package.json asks for. The running one where it fits, else the one pinned in tools/node.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import os from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { isDebian, libraryFolders, unpackInto } from './debian.mjs'
import { withLock } from './lock.mjs'
import { PRIVATE, ROOT, Refusal, execute, mayInstall, onPath, readJson, say } from './shell.mjs'

const HOME = join(ROOT, 'tools/node')
const LIBRARIES = join(PRIVATE, 'node')
/** `>=26.0.0 <27`: the one form of range that our package.json uses. */
const [, LEAST, BELOW] = /^>=([\d.]+) <(\d+)$/.exec(readJson(join(ROOT, 'package.json')).engines.node)
const BY_HAND = `Install Node ${LEAST} or later (below ${BELOW}) and run the command again.`

export const runningNodeFits = () => fits(process.versions.node)

/** Whatever this process starts with `env node`, npm's own scripts included, gets this Node. */
export function preferThisNode() {
  process.env.PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`
}

/** Installs the pinned Node where it is missing, runs the bootstrap again under it and ends as that ends. */
export async function goOnUnderPinnedNode(args) {
  const pinned = pinnedPackage()
  if (!(await isUsable(pinned))) await withLock(() => install(pinned))
  const child = spawn(pinned.executable, [process.argv[1], ...args], {
    // The channel tells the child when this process dies without a word (kill -9): it then ends too.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: environment(pinned),
  })
  forwardSignals(child)
  process.exitCode = await ended(child, pinned)
}

/** npm's own program, to be run by the Node of our choice: the shell's `npm` would take the first Node on PATH. */
export function npmProgram() {
  const fromNpmRun = process.env.npm_execpath
  if (fromNpmRun?.endsWith('npm-cli.js')) return fromNpmRun
  const beside = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js')
  if (existsSync(beside)) return beside
  const found = onPath('npm')
  if (found && realpathSync(found).endsWith('npm-cli.js')) return realpathSync(found)
  throw new Refusal('npm was not found. Install npm, or run this with `npm run`.')
}

const fits = (version) => compare(version, LEAST) >= 0 && compare(version, BELOW) < 0

function compare(a, b) {
  const [left, right] = [a.split('.'), b.split('.')]
  for (let i = 0; i < 3; i++) {
    const difference = Number(left[i] ?? 0) - Number(right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function pinnedPackage() {
  const wanted = readJson(join(HOME, 'package.json')).optionalDependencies
  const platform = `${process.platform}-${process.arch}`
  const name = Object.keys(wanted).find((candidate) => candidate.endsWith(`-${platform}`))
  if (!name) {
    throw new Refusal(
      `Node ${process.versions.node} is too old or too new, and none is pinned for ${platform}. ${BY_HAND}`,
    )
  }
  const folder = join(HOME, 'node_modules', name)
  return { name, folder, version: wanted[name], executable: join(folder, 'bin/node') }
}

const isUsable = async (pinned) => isInstalled(pinned) && (await tryOut(pinned)).code === 0

function isInstalled({ folder, version }) {
  const manifest = join(folder, 'package.json')
  return existsSync(manifest) && readJson(manifest).version === version
}

const tryOut = (pinned) => execute(pinned.executable, ['--version'], { env: environment(pinned) })

/** The pinned Node first on PATH; the libraries that were unpacked for it where the loader finds them. */
function environment({ executable }) {
  const before = (first, rest) => [...first, ...(rest ? [rest] : [])].join(delimiter)
  const libraries = existsSync(LIBRARIES)
    ? libraryFolders(LIBRARIES).map((name) => join(LIBRARIES, name))
    : []
  const env = { ...process.env, PATH: before([dirname(executable)], process.env.PATH) }
  return libraries.length === 0 ? env : { ...env, LD_LIBRARY_PATH: before(libraries, env.LD_LIBRARY_PATH) }
}

async function install(pinned) {
  if (await isUsable(pinned)) return
  mayInstall(`Node ${process.versions.node} does not fit (Node ${LEAST} or later, below ${BELOW})`, BY_HAND)
  if (!isInstalled(pinned)) await fetchNode(pinned)
  if ((await tryOut(pinned)).code !== 0 && isDebian()) await addLibraries(pinned)
  const { code, output } = await tryOut(pinned)
  if (code !== 0) throw new Refusal(`The installed Node does not run here:\n${output}\n${BY_HAND}`)
}

async function fetchNode(pinned) {
  say(`Node ${process.versions.node} does not fit: installing Node ${pinned.version} into tools/node`)
  const npm = [
    npmProgram(),
    'ci',
    '--include=optional',
    '--ignore-scripts',
    '--engine-strict=false',
    '--loglevel=error',
  ]
  const { code, output } = await execute(process.execPath, npm, { cwd: HOME })
  if (code !== 0) throw new Refusal(`Node could not be installed:\n${output}\n${BY_HAND}`)
}

/** Node 26 needs libatomic, which a small Debian lacks. */
async function addLibraries({ executable }) {
  say('Node lacks a library here: unpacking the system’s package into .cohort/node')
  try {
    await unpackInto(LIBRARIES, (unpacked) => unpacked.addLibraries(executable))
  } catch (error) {
    throw new Refusal(`The installed Node does not run here: ${error.message}\n${BY_HAND}`)
  }
}

/**
 * A terminal sends Ctrl-C to the whole group, so the child has it already and this process only must not die of it.
 * Without a terminal a signal was meant for this process alone, and is passed on.
 */
function forwardSignals(child) {
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT')
  })
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
}

function ended(child, pinned) {
  return new Promise((resolve, reject) => {
    child.on('error', (error) =>
      reject(new Refusal(`${pinned.executable} cannot be started: ${error.message}`)),
    )
    child.on('exit', (code, signal) => resolve(code ?? 128 + os.constants.signals[signal]))
  })
}
