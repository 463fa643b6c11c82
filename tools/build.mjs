// Step 3: builds what changed with `tsc -b`; where nothing changed it finds that out in milliseconds and says nothing.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import process from 'node:process'
import { buildKernel } from './kernel.mjs'
import { withLock } from './lock.mjs'
import { workspaceFolders } from './packages.mjs'
import { PRIVATE, ROOT, Refusal, execute, say } from './shell.mjs'

const STAMP = join(PRIVATE, 'built')
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
/** `assembly` is compiled by kernel.mjs, into one file that no source of tsc stands for. */
const SKIPPED = new Set(['node_modules', 'dist', 'assembly'])
const MADE_ELSEWHERE = new Set(['libs/inference/dist/kernel/binary.js'])
/** Projects inside a workspace, with a tsconfig.json and a dist of their own. */
const INNER = ['apps/producer/page']
/** What tsc makes of `x.ts`. */
const MADE = ['.js', '.js.map', '.d.ts', '.d.ts.map']

/** Sources and outputs are compared with the last build by path, size and time of change. */
export async function build() {
  if (isFresh()) return
  await withLock(async () => {
    if (!isFresh()) await compile()
  })
}

async function compile() {
  say('building what changed')
  for (const folder of [...workspaceFolders(), ...INNER]) reconcile(folder)
  const { code } = await execute(process.execPath, [TSC, '-b'], { show: true })
  if (code !== 0) throw new Refusal('the build failed')
  await buildKernel()
  writeFileSync(STAMP, fingerprint())
}

const isFresh = () => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint()

function fingerprint() {
  const hash = createHash('sha256')
  const files = ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json'].map((name) => join(ROOT, name))
  for (const folder of workspaceFolders())
    files.push(...filesUnder(join(ROOT, folder), new Set(['node_modules'])))
  for (const file of files) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${relative(ROOT, file)}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

/** tsc leaves the output of a source that is gone, and trusts that its own output is still there: neither may be so. */
function reconcile(folder) {
  const dist = join(ROOT, folder, 'dist')
  const sourceRoot = join(ROOT, folder, existsSync(join(ROOT, folder, 'src')) ? 'src' : '.')
  const sources = filesUnder(sourceRoot, SKIPPED).filter((file) => /(?<!\.d)\.ts$/.test(file))
  const wanted = new Set(sources.flatMap((file) => outputsOf(join(dist, relative(sourceRoot, file)))))
  const built = existsSync(dist) ? filesUnder(dist, SKIPPED) : []
  for (const file of built) if (isMade(file) && !wanted.has(file) && !isMadeElsewhere(file)) rmSync(file)
  const there = new Set(built)
  const lacks = sources.some((file) => !there.has(outputsOf(join(dist, relative(sourceRoot, file)))[0]))
  if (lacks) rmSync(join(dist, 'tsconfig.tsbuildinfo'), { force: true })
}

const outputsOf = (path) => MADE.map((ending) => path.replace(/\.ts$/, ending))
const isMadeElsewhere = (file) => MADE_ELSEWHERE.has(relative(ROOT, file))
const isMade = (file) => MADE.some((ending) => file.endsWith(ending))

function filesUnder(folder, skipped) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesUnder(path, skipped)
    return entry.isFile() ? [path] : []
  })
}
