// Promises of the two views: the terminal is left as it was found, and a pipe gets few, plain lines.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Frame } from './frame.js'
import { signedBar } from './signed-bar.js'
import { plainView } from './plain-view.js'
import { terminalView } from './terminal-view.js'

const frame: Frame = {
  tick: 1,
  ticks: 30,
  agents: 3,
  cells: new Uint32Array(25),
  walkCells: new Uint32Array(25),
  reached: 0,
  walkReached: 0,
  stepsPerSecond: 0,
  latencyMs: { p50: 0, p95: 0, p99: 0 },
}
const at = (tick: number) => (): Frame => ({ ...frame, tick })

/** A terminal that keeps what was written, on a clock that the test moves. */
function shown(rows = 24, colours = 1) {
  const written: string[] = []
  const clock = { nowMs: 0 }
  const terminal = {
    columns: 80,
    rows,
    getColorDepth: () => colours,
    write: (text: string) => written.push(text),
  }
  return { written, clock, view: terminalView({ terminal, ticks: 30, nowMs: () => clock.nowMs }) }
}

test('the cursor is hidden while drawing and shown again once, however often the view is closed', () => {
  const { written, view } = shown()
  view.show(1, at(1))
  view.close()
  view.close()
  const all = written.join('')
  assert(all.startsWith('\x1b[?25l'))
  assert.equal(all.split('\x1b[?25h').length, 2)
  assert(all.endsWith('\x1b[?25h'))
})

test('a frame is drawn over the one before it', () => {
  const { written, clock, view } = shown()
  view.show(1, at(1))
  const lines = (written.at(-1) ?? '').split('\n').length - 1
  clock.nowMs = 100
  view.show(2, at(2))
  assert((written.at(-1) ?? '').includes(`\x1b[${lines}A\r\x1b[J`))
  view.close()
})

test('a line goes above the frame while it runs, below it afterwards', () => {
  const { written, view } = shown()
  view.show(1, at(1))
  view.line('worker 1 ended')
  const during = written.at(-1) ?? ''
  assert(during.indexOf('worker 1 ended') < during.indexOf('1/30'))
  view.close()
  view.line('done')
  assert.equal(written.at(-1), 'done\n')
})

test('frames that nobody would see are not made, the last one always is', () => {
  const { clock, view } = shown()
  const made: number[] = []
  const show = (tick: number, nowMs: number) => {
    clock.nowMs = nowMs
    view.show(tick, () => {
      made.push(tick)
      return at(tick)()
    })
  }
  show(1, 0)
  show(1, 500)
  show(2, 510)
  show(3, 520)
  show(4, 541)
  show(30, 542)
  view.close()
  assert.deepEqual(made, [1, 2, 4, 30])
})

test('a pipe gets a line each tenth of the run, the last tick, and no escape codes', () => {
  let written = ''
  const view = plainView({ write: (text) => (written += text), ticks: 25 })
  view.line('begins')
  for (let tick = 0; tick <= 25; tick++) view.show(tick, () => ({ ...at(tick)(), ticks: 25 }))
  view.close()
  const ticks = [...written.matchAll(/^tick (\d+)\/25 /gm)].map(([, tick]) => Number(tick))
  assert.deepEqual(ticks, [3, 6, 9, 12, 15, 18, 21, 24, 25])
  assert(written.startsWith('begins\n'))
  assert(!written.includes('\x1b'))
  assert.doesNotMatch(written, /p50/)
})

test('a signed bar keeps its width, and grows from its middle to the side of the sign', () => {
  assert.equal(signedBar(0, 3), '   │   ')
  assert.equal(signedBar(0.5, 3), '   │█▌ ')
  assert.equal(signedBar(-0.5, 3), ' ▐█│   ')
  assert.equal(signedBar(-7, 3), '███│   ')
})
