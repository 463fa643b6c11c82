// What the README and docs/start.md tell a newcomer to paste is pasted here, in its order, against a real `up`.
//
// What they show as the answer is what comes. Blocks in `console` are not run: their commands only have to exist.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { blocksOf, isShown, type Snippet, snippetsOf } from '../support/pages.js'
import { fileOf, type Running, start, terminate } from '../support/processes.js'
import { until } from '../support/until.js'

const run = promisify(execFile)
const PAGES = ['README.md', 'docs/start.md', 'docs/guides/scale-out.md', 'docs/guides/observe.md']
/** Where the pages' `up` listens; here it takes a free port. */
const ADDRESS = 'http://127.0.0.1:3000'
const SNIPPET_MS = 60_000

let dir: string
/** In this folder, so that the SDK is found as the pages say. */
let programs: string
let up: Running
let url: string
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cohort-docs-'))
  await mkdir(fileOf('.cohort'), { recursive: true })
  programs = await mkdtemp(join(fileOf('.cohort'), 'docs-'))
  up = await start('apps/cli/dist/main.js', { COHORT_DIR: dir, PORT: '0' }, ['up'])
  url = await until('it says where it listens', async () => /http:[^\s,]+/.exec(up.printed())?.[0])
})
after(async () => {
  await terminate(up)
  for (const folder of [dir, programs]) await rm(folder, { recursive: true, force: true })
})

for (const page of PAGES) {
  test(`${page}: what it says to paste does what it shows`, { timeout: 5 * SNIPPET_MS }, async (t) => {
    const shell = openShell()
    t.after(() => shell.close())
    for (const snippet of snippetsOf(page)) {
      const text = snippet.text.replaceAll(ADDRESS, url)
      const printed = snippet.language === 'js' ? await runProgram(text) : await shell.paste(text)
      for (const shown of snippet.shown)
        assert.ok(
          isShown(printed, shown),
          `${shown.at} shows:\n${shown.text}and ${snippet.at} printed:\n${printed}`,
        )
      assert.ok(!isRefused(printed) || isRefusalShown(snippet), `${snippet.at} was refused:\n${printed}`)
    }
  })

  test(`${page}: the commands that it names exist`, async () => {
    const { scripts } = JSON.parse(await readFile(fileOf('package.json'), 'utf8')) as { scripts: object }
    const { stdout: help } = await run(process.execPath, [fileOf('apps/cli/dist/main.js'), '--help'])
    const told = blocksOf(page)
      .map(({ text }) => text)
      .join('\n')
    for (const [, script = ''] of told.matchAll(/\bnpm run (?:-s )?([\w:]+)/g))
      assert.ok(script in scripts, `npm run ${script}`)
    for (const [, command = ''] of told.matchAll(/\bcohort -- (\w+)/g))
      assert.match(help, new RegExp(`^ +${command}\\b`, 'm'), `cohort ${command}`)
  })
}

test('docs/start.md: `up` says what the page says that it says', async () => {
  const blocks = blocksOf('docs/start.md')
  const shown = blocks[blocks.findIndex(({ text }) => /cohort -- up$/m.test(text)) + 1]
  assert.equal(shown?.language, 'text')
  // What differs from machine to machine: the address, the port of Redis, the cores.
  const alike = (text: string) =>
    text
      .replaceAll(url, ADDRESS)
      .replace(/(redis:\/\/127\.0\.0\.1:)\d+/g, '$1…')
      .replace(/\d+ (compute thread)s?/g, '… $1')
  await until('it has said all of it', async () => alike(up.printed()) === alike(shown.text))
})

test('what is run is most of what is shown', () => {
  assert.ok(snippetsOf('README.md').length >= 2)
  assert.ok(snippetsOf('docs/start.md').length >= 8)
})

const isRefused = (printed: string): boolean => printed.includes('urn:cohort:problem')
const isRefusalShown = ({ shown }: Snippet): boolean => shown.some(({ text }) => /"code"/.test(text))

async function runProgram(text: string): Promise<string> {
  const file = join(programs, 'program.mjs')
  await writeFile(file, text)
  const { stdout } = await run(process.execPath, [file], { timeout: SNIPPET_MS })
  return stdout
}

/** One shell for a page: what a block sets, the next ones have. */
function openShell() {
  const shell = spawn('sh', ['-e'], { cwd: fileOf('.'), stdio: ['pipe', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [shell.stdout, shell.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  let pasted = 0
  return {
    async paste(text: string): Promise<string> {
      const from = printed.length
      const end = `pasted ${++pasted}`
      shell.stdin.write(`${text}\nprintf '\\n${end}\\n'\n`)
      await until(
        `the shell is through with\n${text}`,
        async () => {
          if (shell.exitCode !== null) throw new Error(`it failed:\n${text}\n${printed.slice(from)}`)
          return printed.includes(`\n${end}\n`, from)
        },
        SNIPPET_MS,
      )
      return printed.slice(from).replace(`\n${end}\n`, '\n')
    },
    close: () => shell.kill(),
  }
}
