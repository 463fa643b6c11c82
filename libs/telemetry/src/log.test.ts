// Promises of the log: a JSON object a line, nothing below its level, errors that say what happened, lines for people.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { openLog } from './log.js'
import { LOG_LEVELS, type LogLevel } from './settings.js'

type Options = Parameters<typeof openLog>[0]

function logged(level: LogLevel, more: Partial<Options> = {}) {
  const lines: string[] = []
  const write = (line: string) => lines.push(line)
  const log = openLog({ app: 'test', level, write, nowMs: () => 1_000, ...more })
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
  log.warn('two\nlines of %s', { job: 'j-1', error: new CohortError('internal', 'planted', { cause }) })
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /^[^\n]*\n$/)
  const { error, ...fields } = JSON.parse(lines[0] ?? '') as { error: Record<string, unknown> }
  assert.deepEqual(fields, {
    time: '1970-01-01T00:00:01.000Z',
    level: 'warn',
    app: 'test',
    message: 'two\nlines of %s',
    job: 'j-1',
  })
  assert.deepEqual([error['message'], error['code']], ['planted', 'internal'])
  assert.match(String((error['stack'] as string[])[0]), /^at .*log\.test/)
  assert.equal((error['cause'] as Record<string, unknown>)['message'], 'a cause')
})

test('an error that is its own cause is told to some depth', () => {
  const { log, lines } = logged('warn')
  const error = new Error('planted')
  error.cause = error
  log.warn('round and round', { error })
  assert.equal(lines[0]?.match(/"planted"/g)?.length, 5)
})

test('each line carries the context that is there when it is written', () => {
  let trace: { trace_id: string } | undefined = { trace_id: 't-1' }
  const { log, lines } = logged('info', { context: () => trace })
  log.info('in a trace', { job: 'j-1' })
  trace = undefined
  log.info('out of it')
  const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual([first?.['trace_id'], first?.['job']], ['t-1', 'j-1'])
  assert.ok(!('trace_id' in (second ?? {})))
})

test('auto is JSON, and a line for people in a terminal, with colours only there', () => {
  const write = (more: Partial<Options>) => {
    const { log, lines } = logged('info', more)
    log.warn('a job has failed', { job: 'j-1' })
    return lines.join('')
  }
  const isJson = (text: string) => text.startsWith('{')
  assert.ok(isJson(write({})) && isJson(write({ format: 'auto' })))
  assert.ok(isJson(write({ format: 'json', isTerminal: true })))
  const plain = write({ format: 'pretty' })
  assert.match(plain, /^\[\d\d:\d\d:01\.000\] WARN: test: a job has failed \{"job":"j-1"\}\n$/)
  const coloured = write({ format: 'auto', isTerminal: true })
  assert.ok(coloured.includes('\x1b['))
  assert.ok(coloured.includes('a job has failed'))
})

/** Some hundred KB on standard error, which is more than a pipe holds, and an exit at once. */
const program = (format: string) => `
  import { openLog, standardError } from '${import.meta.resolve('./index.js')}'
  process.stderr.on('error', () => {})
  const log = openLog({ app: 'test', level: 'info', format: '${format}', ...standardError(), nowMs: () => 0 })
  for (let i = 0; i < 2000; i++) log.info('line ' + i, { padding: 'x'.repeat(200) })
  process.exit()`

test('what was said before an exit is written, in either format', () => {
  for (const format of ['json', 'pretty']) {
    const args = ['--input-type=module', '-e', program(format)]
    const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    assert.equal(stderr.split('\n').length, 2001, format)
    assert.match(stderr, /line 1999/)
  }
})

test('a reader that does not read, or has gone, does not hold the process up', async () => {
  for (const hasGone of [false, true]) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program('json')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    if (hasGone) child.stderr.destroy()
    assert.deepEqual(await once(child, 'exit'), [0, null])
  }
})

test('lines that were lost are told of with the next that is not', () => {
  const lines: string[] = []
  let isRead = false
  const { log } = logged('info', { write: (line) => isRead && lines.push(line) })
  log.info('one')
  log.info('two')
  isRead = true
  log.info('three')
  const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(
    told.map(({ message, lines: lost }) => [message, lost]),
    [
      ['three', undefined],
      ['lines of this log were lost: nobody read them', 2],
    ],
  )
})

test('a compute thread’s clock loads neither the log nor the metrics', () => {
  const thread = `
    import { createRequire } from 'node:module'
    await import('${import.meta.resolve('./clock.js')}')
    console.log(Object.keys(createRequire('/').cache).length)`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', thread], { encoding: 'utf8' })
  assert.equal(stdout, '0\n')
})
