// Promises of what a person reads: the figures as they are, and no claim that does not hold.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DemoReport, introduction, sentences } from './report.js'

const report: DemoReport = {
  agents: 1000,
  ticks: 1,
  workers: 2,
  threads: 2,
  stepsSent: 1000,
  stepsApplied: 1000,
  lost: 0,
  duplicated: 0,
  atGoal: 0.9876,
  atGoalRandomWalk: 0.3,
  meanTicksToGoal: 5.34,
  stepsPerSecond: 12_345,
  latencyMs: { p50: 1.5, p95: 2.5, p99: 3.5 },
}

test('the summary names every figure', () => {
  const text = sentences(report).join('\n')
  for (const part of [
    '1,000 agents × 1 tick = 1,000 steps',
    '0 lost',
    '98.8 %',
    '5.3 ticks',
    '30.0 %',
    '12,345 steps/s',
    'p95 2.5 ms',
  ]) {
    assert(text.includes(part), `${part} in:\n${text}`)
  }
  assert.match(text, /\nEvery step was applied exactly once\.$/)
})

test('a run that does not hold is not praised', () => {
  for (const change of [{ lost: 1 }, { duplicated: 1 }, { stepsApplied: 999 }]) {
    assert.match(sentences({ ...report, ...change }).join('\n'), /NOT every step was applied exactly once/)
  }
  assert.match(
    sentences({ ...report, atGoal: 0, meanTicksToGoal: null }).join('\n'),
    /0\.0 % of the agents\n/,
  )
})

test('the way to join is printed with the URL of our own Redis, never with one that was given', () => {
  const running = { threadsEach: 1, url: 'http://127.0.0.1:3000', ownRedisUrl: 'redis://127.0.0.1:7777' }
  assert(
    introduction(report, running).includes('  REDIS_URL=redis://127.0.0.1:7777 npm run -s cohort -- worker'),
  )
  assert.match(
    introduction(report, { ...running, ownRedisUrl: undefined }).join('\n'),
    /REDIS_URL=\(the same\) /,
  )
})
