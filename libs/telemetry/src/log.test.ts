// Promises of the log: one JSON object a line, nothing below its level, and errors that say what happened.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { LOG_LEVELS, openLog, type LogLevel } from './log.js'

function logged(level: LogLevel): { log: ReturnType<typeof openLog>; lines: string[] } {
  const lines: string[] = []
  const log = openLog({ app: 'test', level, write: (line) => lines.push(line), nowMs: () => 1_000 })
  return { log, lines }
}

test('a level lets through itself and what is graver', () => {
  const written = LOG_LEVELS.map((level) => {
    const { log, lines } = logged(level)
    for (const of of ['debug', 'info', 'warn', 'error'] as const) log[of]('hello')
    return lines.length
  })
  assert.deepEqual(written, [4, 3, 2, 1, 0])
})

test('a line is one JSON object, with its fields and the codes of errors and their causes', () => {
  const { log, lines } = logged('info')
  const cause = new TypeError('a cause')
  log.warn('two\nlines', { job: 'j-1', error: new CohortError('internal', 'planted', { cause }) })
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /^[^\n]*\n$/)
  const { error, ...fields } = JSON.parse(lines[0] ?? '') as { error: Record<string, unknown> }
  assert.deepEqual(fields, {
    time: '1970-01-01T00:00:01.000Z',
    level: 'warn',
    app: 'test',
    message: 'two\nlines',
    job: 'j-1',
  })
  assert.deepEqual([error['message'], error['code']], ['planted', 'internal'])
  assert.equal((error['cause'] as Record<string, unknown>)['message'], 'a cause')
})
