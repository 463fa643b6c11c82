// Promises of the picture: it fits any terminal, shows every agent, and needs no colour.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { bar } from './bar.js'
import type { Frame } from './frame.js'
import { gridLines, heatOf, short } from './grid-picture.js'
import { screenLines } from './screen.js'

const cells = new Uint32Array(25)
cells.set([700, 0, 3], 0)
cells.set([297], 24)
const frame: Frame = {
  tick: 7,
  ticks: 30,
  agents: 1000,
  cells,
  walkCells: new Uint32Array(25).fill(40),
  reached: 0.5,
  walkReached: 0.125,
  stepsPerSecond: 123_456,
  latencyMs: { p50: 3.2, p95: 8, p99: 12.5 },
}

test('no line is wider than the terminal, and there are fewer lines than it has rows', () => {
  const size = fc.integer({ min: 1, max: 200 })
  fc.assert(
    fc.property(size, size, fc.boolean(), (columns, rows, colour) => {
      const lines = screenLines(frame, { columns, rows, colour }).map(stripVTControlCharacters)
      assert(lines.length < Math.max(2, rows))
      for (const line of lines) assert(line.length <= columns, `${line.length} > ${columns}: ${line}`)
    }),
  )
})

test('80 × 24 has room for both grids, a narrow terminal for one, a tiny one for the figures', () => {
  const grids = (columns: number, rows: number) =>
    (screenLines(frame, { columns, rows, colour: false }).join('\n').match(/┌/g) ?? []).length
  assert.deepEqual([grids(80, 24), grids(60, 24), grids(30, 24), grids(80, 12)], [2, 1, 0, 0])
  const tiny = screenLines(frame, { columns: 80, rows: 12, colour: false }).join('\n')
  for (const part of ['7/30', '50.0 %', '12.5 %', '123,456 steps/s', 'p50 3.2 ms', 'p99 12.5 ms'])
    assert(tiny.includes(part), part)
})

test('figures come with the first answer, and the numbers of the grid are explained', () => {
  const at = (stepsPerSecond: number, columns: number) =>
    screenLines({ ...frame, stepsPerSecond }, { columns, rows: 24, colour: false }).join('\n')
  assert.doesNotMatch(at(0, 80), /p50|steps\/s/)
  for (const columns of [80, 40]) assert.match(at(1, columns), /numbers: agents in the cell/)
})

test('each cell shows how many are on it, the goals are marked', () => {
  for (const colour of [true, false]) {
    const picture = gridLines({ size: 5, counts: cells, goals: [0, 24], colour }).map(
      stripVTControlCharacters,
    )
    assert.equal(picture.length, 12)
    assert.match(picture[1] ?? '', /700\b.*\b3\b/)
    assert.match(picture[2] ?? '', /goal/)
    assert.match(picture[9] ?? '', /297/)
    assert.equal(picture.join('').match(/goal/g)?.length, 2)
  }
})

test('without colour there is no escape code', () => {
  assert(!screenLines(frame, { columns: 80, rows: 24, colour: false }).join('').includes('\x1b'))
  assert(screenLines(frame, { columns: 80, rows: 24, colour: true }).join('').includes('\x1b['))
})

test('an empty cell is cold, any other is not, and more agents are never colder', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.nat(), fc.nat(), (all, a, b) => {
      const [few, many] = [Math.min(a, b) % (all + 1), Math.max(a, b) % (all + 1)].toSorted((x, y) => x - y)
      assert(heatOf(few ?? 0, all) <= heatOf(many ?? 0, all))
      assert.equal(heatOf(few ?? 0, all) === 0, few === 0)
      assert(heatOf(many ?? 0, all) <= 6)
    }),
  )
})

test('numbers fit their cell', () => {
  assert.deepEqual([0, 9999, 10_000, 250_999, 1_000_000, 12_345_678].map(short), [
    '0',
    '9999',
    '10k',
    '250k',
    '1.0M',
    '12.3M',
  ])
})

test('a bar is as wide as it should be and as full as its share', () => {
  assert.deepEqual(
    [bar(0, 4), bar(0.5, 4), bar(1, 4), bar(2, 4), bar(-1, 4), bar(1, 0)],
    ['····', '██··', '████', '████', '····', ''],
  )
  assert.equal(bar(0.53125, 4), '██▏·')
})
