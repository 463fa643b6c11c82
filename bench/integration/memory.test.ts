// The memory benchmark in part: the cache with models of all sizes; its traces and its peer take minutes.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Report } from '../support/report.js'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))

test('it tells how much of its budget the cache fills', async () => {
  const args = ['memory', '--json', '--case', 'sizes']
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args])
  const { rows } = JSON.parse(stdout) as Report
  const of = (name: string, variant: string): number => {
    const row = rows.find((one) => one.case === name && one.variant === variant)
    return row !== undefined && 'median' in row ? row.median : assert.fail(`${name}, ${variant}`)
  }
  assert.ok(of('sizes', 'budget in use') > 95)
})
