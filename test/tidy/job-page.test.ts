// What docs/reference/job.md says of the job format, held to the schema: each field, each bound, each code.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BLOCK_AGENTS, BY_ROW_PART, ERRORS, Job, JOB_PARTS, JOB_STEPS, JOB_VERSION } from '@cohort/contracts'
import { ROOT } from './sources.js'

const page = readFileSync(join(ROOT, 'docs/reference/job.md'), 'utf8')

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
}

/** `parts`, `parts[].block`, …: each field that a job may hold. */
function fieldsOf({ properties = {} }: Node, before = ''): string[] {
  return Object.entries(properties).flatMap(([name, field]) => [
    `${before}${name}`,
    ...fieldsOf(field, `${before}${name}.`),
    ...fieldsOf(field.items ?? {}, `${before}${name}[].`),
  ])
}

/** The first cells of the table's rows under a heading. */
const rowsUnder = (heading: string): string[] =>
  (page.split(`\n## ${heading}\n`)[1] ?? '')
    .replace(/\n## [^]*/, '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))

const names = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

test('each field of a job has its row on the page, and no other', () => {
  const named = rowsUnder('What it holds').flatMap((row) => names(row.split('|')[1] ?? ''))
  assert.ok(named.length > 15)
  assert.deepEqual(named.sort(), fieldsOf(Job as Node).sort())
})

test('the bounds on the page are those of the schema', () => {
  const row = (field: string) =>
    rowsUnder('What it holds').find((line) => line.startsWith(`| \`${field}\``)) ?? ''
  const said: readonly (readonly [field: string, words: string])[] = [
    ['v', `| ${JOB_VERSION} |`],
    ['parts', `1 to ${JOB_PARTS} parts`],
    ['parts[].rows', `1 to ${BLOCK_AGENTS} `],
    ['parts[].index', `Up to ${BY_ROW_PART} `],
    ['count', `1 to ${JOB_STEPS} `],
    ['origins', `up to ${JOB_STEPS} `],
    ['addedMs', 'number ≥ 0 '],
  ]
  for (const [field, words] of said) assert.ok(row(field).includes(words), `${field}: ${words}`)
})

test('each code on the page is one of the table', () => {
  const checks = page.split('## What is checked')[1]?.split('\n## ')[0] ?? ''
  const codes = checks.split('\n').flatMap((line) => names(line.split('|')[3] ?? ''))
  assert.ok(codes.length > 10)
  assert.deepEqual(
    codes.filter((code) => !Object.hasOwn(ERRORS, code)),
    [],
  )
})
