// Promises to whoever forgets npm's lone `--`: nothing runs with other flags, and the line that was meant is said.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url))
const hasNpm = spawnSync('npm', ['--version']).status === 0

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'cohort-npm-'))
  const cohort = `"${process.execPath}" "${MAIN}"`
  const scripts = { demo: `${cohort} demo`, cohort, other: `${cohort} replay nowhere` }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'x', scripts }))
})
after(() => rmSync(folder, { recursive: true }))

/** Through npm itself; Redis is not there, so that a run which begins all the same soon ends. */
function npmRun(...args: string[]) {
  const env = { PATH: process.env['PATH'], HOME: folder, COHORT_REDIS_SERVER: '/none' }
  return spawnSync('npm', ['run', '-s', ...args], { cwd: folder, encoding: 'utf8', env })
}

test('a flag that npm kept is refused with the line that was meant', { skip: !hasNpm }, () => {
  const lines: [string[], string][] = [
    [['demo', '--agents=10'], 'npm run demo -- --agents 10'],
    [['demo', '--agents', '10'], 'npm run demo -- --agents 10'],
    [['demo', '--agents=10', '--json'], 'npm run demo -- --agents 10 --json'],
    [['demo', '--agents', '10', '--ticks', '5'], 'npm run demo -- --agents VALUE --ticks VALUE'],
    [['cohort', 'up', '--workers', '2'], 'npm run -s cohort -- up --workers 2'],
    [['cohort', 'replay', 'golden', '--json'], 'npm run -s cohort -- replay golden --json'],
  ]
  for (const [args, line] of lines) {
    const { status, stderr } = npmRun(...args)
    assert.equal(status, 2, stderr)
    assert.match(
      stderr,
      /^cohort: npm took --\w+.* for its own: it passes on only what comes after a lone --/m,
    )
    assert.ok(stderr.includes(`\n  ${line}\n`), stderr)
  }
})

test('flags after the lone -- are taken, and other scripts are none of ours', { skip: !hasNpm }, () => {
  assert.match(npmRun('demo', '--', '--agents', '0').stderr, /^cohort: --agents must be an integer from 1/m)
  assert.match(npmRun('demo', '--', '--agents', '1').stderr, /there is no program \/none/)
  assert.doesNotMatch(npmRun('other', '--json').stderr, /npm took/)
})
