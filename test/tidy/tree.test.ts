// The norms of the tree: folders, READMEs, links, manifests, and nothing that holds only on one machine.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { dirname, join } from 'node:path'
import { FOLDER_FILES } from './exceptions.js'
import { overLimit } from './over-limit.js'
import { ROOT, allFiles, packageFolders, readJson, readSource, type Manifest } from './sources.js'

const files = allFiles()
const packages = packageFolders(files)
const manifestOf = (folder: string) => readJson(join(folder, 'package.json')) as Manifest
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const none = (faults: readonly string[]) => assert.ok(faults.length === 0, `\n  ${faults.join('\n  ')}`)

test('a folder holds at most 15 files, not counting the tests beside them', () => {
  const counts = new Map<string, number>()
  // Files with a dot in front are where their tools look for them: the root has many.
  for (const path of files.filter((file) => !file.startsWith('.') && !file.endsWith('.test.ts'))) {
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  }
  none(
    overLimit(
      [...counts].map(([at, value]) => ({ at, value })),
      15,
      FOLDER_FILES,
    ),
  )
})

test('no folder is more than 5 levels from the root', () => {
  none(files.filter((path) => dirname(path).split('/').length > 5))
})

test('each app and lib opens with a README of at most 25 lines', () => {
  const readmes = packages
    .filter((folder) => /^(apps|libs)\//.test(folder))
    .map((folder) => `${folder}/README.md`)
  const lines = (path: string) => (existsSync(join(ROOT, path)) ? readSource(path).lines.length : 0)
  none(
    readmes
      .filter((path) => lines(path) < 1 || lines(path) > 25)
      .map((path) => `${path}: ${lines(path)} lines`),
  )
})

test('links between the pages lead somewhere', () => {
  const links = files
    .filter((path) => path.endsWith('.md'))
    .flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({ page, target })),
    )
  none(
    links
      .filter(({ page, target }) => !leadsSomewhere(page, target))
      .map(({ page, target }) => `${page}: ${target}`),
  )
})

function leadsSomewhere(page: string, target: string): boolean {
  if (/^[a-z]+:/.test(target)) return true
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : join(dirname(page), path)
  if (!existsSync(join(ROOT, file))) return false
  return anchor === undefined || !file.endsWith('.md') || headings(file).includes(anchor)
}

/** The anchors that a page's headings have where pages are shown. */
const headings = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

test('nothing refers to a folder of one machine', () => {
  const machine = /(^|[\s"'`(=:])\/(work|root|home|tmp|Users)\/\w|\.\.\/shared\b/
  const texts = files.filter((path) => /\.(ts|mjs|json|md|ya?ml|sh|lua)$|Dockerfile|^\.ci\//.test(path))
  const faults = texts.flatMap((path) =>
    readSource(path).lines.flatMap((line, i) =>
      machine.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [],
    ),
  )
  none(faults.filter((fault) => !fault.startsWith('test/tidy/tree.test.ts')))
})

test('the pure libs depend on ours alone, contracts on its schema library', () => {
  const pure = ['contracts', 'inference', 'cache', 'worlds', 'client']
  const foreign = pure.flatMap((lib) =>
    Object.keys(manifestOf(`libs/${lib}`).dependencies ?? {})
      .filter((name) => !name.startsWith('@cohort/'))
      .map((name) => `${lib}: ${name}`),
  )
  assert.deepEqual(foreign, ['contracts: typebox'])
})

const dependencies = ['.', ...packages, 'tools/node'].flatMap((folder) => {
  const { dependencies: run, devDependencies: dev, optionalDependencies: optional } = manifestOf(folder)
  return Object.entries({ ...run, ...dev, ...optional }).map(([name, version]) => ({ folder, name, version }))
})

test('every dependency is pinned to one version, the same everywhere', () => {
  const exact = /^\d+\.\d+\.\d+$/
  none(
    dependencies
      .filter(({ version }) => !exact.test(version))
      .map(({ folder, name }) => `${folder}: ${name}`),
  )
  const versions = new Map<string, string>()
  for (const { name, version } of dependencies) {
    assert.equal(versions.get(name) ?? version, version, `${name} has two versions`)
    versions.set(name, version)
  }
})

test('docs/dependencies.md says of each dependency why it is there, and of no other', () => {
  const rows = [...read('docs/dependencies.md').matchAll(/^\| (`[^|]+`) \| [^|]+ \| [^|]{20,} \|$/gm)]
  const named = rows.flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  )
  const used = new Set(dependencies.map(({ name }) => name).filter((name) => !name.startsWith('@cohort/')))
  assert.deepEqual(named.sort(), [...used].sort())
})
