// Step 2: the npm packages, exactly as the lockfile says, again whenever what decides about them has changed.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { withLock } from './lock.mjs'
import { npmProgram } from './pinned-node.mjs'
import { ROOT, Refusal, execute, mayInstall, readJson, say } from './shell.mjs'

const MODULES = join(ROOT, 'node_modules')
const STAMP = join(MODULES, '.cohort-lock')
const FOR = `${process.platform}-${process.arch} node ${process.versions.node.split('.')[0]}`
/** The parts of a package.json that decide what npm installs: a new script alone installs nothing. */
const DECIDING = ['name', 'version', 'workspaces', 'engines', 'allowScripts', 'bin', 'overrides']
const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']

/** `npm ci` under the running Node where node_modules is missing or made from something else. */
export async function installPackages() {
  if (isFresh()) return
  await withLock(async () => {
    if (isFresh()) return
    if (!isInstalledByHand()) await install()
    writeFileSync(STAMP, stamp())
  })
}

async function install() {
  const old = existsSync(MODULES)
  mayInstall(`node_modules is ${old ? 'out of date' : 'missing'}`, 'Run `npm ci --ignore-scripts`.')
  say(`${old ? 'the lockfile changed: ' : ''}installing the npm packages from the lockfile`)
  // Install scripts stay off for every npm version: what has one (package.json, allowScripts) works without it.
  const npm = [
    npmProgram(),
    'ci',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--loglevel=error',
  ]
  const { code, output } = await execute(process.execPath, npm)
  if (code !== 0) throw new Refusal(`the npm packages could not be installed:\n${output}`)
}

const isFresh = () => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp()

/** The first line says what they were installed for, the second from what. */
const stamp = () => `${FOR}\n${fingerprint()}\n`

/** True where someone ran npm here and what it left is what the lockfile says: nothing need be done again. */
function isInstalledByHand() {
  if (existsSync(STAMP) && !readFileSync(STAMP, 'utf8').startsWith(`${FOR}\n`)) return false
  const left = join(MODULES, '.package-lock.json')
  if (!existsSync(left)) return false
  const installed = readJson(left).packages
  const locked = readJson(join(ROOT, 'package-lock.json')).packages
  const wanted = Object.keys(locked).filter((path) => path.includes('node_modules/'))
  return (
    Object.keys(installed).every((path) => path in locked) &&
    wanted.every((path) => isSame(locked[path], installed[path]))
  )
}

/** An optional package may be missing: it is for another platform. */
const isSame = (locked, installed) =>
  installed
    ? locked.version === installed.version && locked.resolved === installed.resolved
    : locked.optional === true

function fingerprint() {
  const hash = createHash('sha256')
  hash.update(readFileSync(join(ROOT, 'package-lock.json')))
  for (const folder of ['.', ...workspaceFolders()]) {
    const manifest = readJson(join(ROOT, folder, 'package.json'))
    hash.update(
      JSON.stringify([folder, ...[...DECIDING, ...DEPENDENCIES].map((key) => manifest[key] ?? null)]),
    )
  }
  return hash.digest('hex')
}

/** The folders behind the workspaces of package.json (`libs/*` or a plain name), in a fixed order. */
export function workspaceFolders() {
  const patterns = readJson(join(ROOT, 'package.json')).workspaces
  const folders = patterns.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern]
    const parent = pattern.slice(0, -2)
    return readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`)
  })
  return folders.filter((folder) => existsSync(join(ROOT, folder, 'package.json'))).sort()
}
