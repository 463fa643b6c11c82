// The norms that each source file keeps: sizes, names, first line, no way around the types.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dirname, join, normalize } from 'node:path'
import * as exceptions from './tidy/exceptions.js'
import { measure, type Measures } from './tidy/measure.js'
import { overLimit, type Measured } from './tidy/over-limit.js'
import { allFiles, isSource, isTest, readSource, type Source } from './tidy/sources.js'

const sources = allFiles().filter(isSource).map(readSource)
const measured = new Map(sources.map((source) => [source, measure(source)]))
const functionsOf = (what: 'lines' | 'parameters' | 'nesting'): Measured[] =>
  [...measured].flatMap(([{ path }, { functions }]) =>
    functions.map((one) => ({ at: `${path}#${one.name}`, value: one[what] })),
  )
const none = (faults: readonly string[]) => assert.ok(faults.length === 0, `\n  ${faults.join('\n  ')}`)
const faultsIn = (find: (source: Source, measures: Measures) => readonly string[]): string[] =>
  [...measured].flatMap(([source, measures]) =>
    find(source, measures).map((fault) => `${source.path}${fault}`),
  )

test('a source file has at most 300 lines, a test file 350', () => {
  const lines = (tests: boolean) =>
    sources
      .filter(({ path }) => isTest(path) === tests)
      .map(({ path, lines: all }) => ({ at: path, value: all.length }))
  none(overLimit(lines(false), 300, exceptions.FILE_LINES))
  none(overLimit(lines(true), 350, []))
})

test('half of all source files have at most 120 lines', () => {
  const lengths = sources.map(({ lines }) => lines.length).sort((a, b) => a - b)
  const median = lengths[lengths.length >> 1] ?? 0
  assert.ok(median <= 120, `the median is ${median}`)
})

test('a function has at most 70 lines', () =>
  none(overLimit(functionsOf('lines'), 70, exceptions.FUNCTION_LINES)))

test('a function has at most 4 parameters', () =>
  none(overLimit(functionsOf('parameters'), 4, exceptions.PARAMETERS)))

test('conditions and loops stand at most 4 deep', () =>
  none(overLimit(functionsOf('nesting'), 4, exceptions.NESTING)))

test('a line has at most 120 characters', () => {
  const widest = ({ path, lines }: Source) => ({
    at: path,
    value: Math.max(...lines.map((line) => [...line].length)),
  })
  none(overLimit(sources.map(widest), 120, exceptions.LINE_LENGTH))
})

test('the index of a lib exports at most 40 names', () => {
  const byPath = new Map([...measured].map(([{ path }, measures]) => [path, measures]))
  const names = (path: string): string[] => {
    const { exports, reexports } = byPath.get(path) ?? { exports: [], reexports: [] }
    const targets = reexports.map((target) => normalize(join(dirname(path), target.replace(/\.js$/, '.ts'))))
    return [...exports, ...targets.flatMap(names)]
  }
  const indexes = [...byPath.keys()].filter((path) => /^libs\/[^/]+\/src\/index\.ts$/.test(path))
  const counts = indexes.map((path) => ({ at: path, value: new Set(names(path)).size }))
  none(overLimit(counts, 40, exceptions.INDEX_EXPORTS))
})

test('the first line of a file says in a sentence where it stands', () => {
  none(
    faultsIn(({ lines }) =>
      /^\/\/ [^ ].{18,}/.test(lines[0] ?? '') ? [] : [': begin with `// what this file is for`'],
    ),
  )
})

test('names say what a thing is', () => {
  const banned = /(Manager|Engine|Optimizer|Handler|Service)$|^(Base|Abstract)[A-Z]|^I[A-Z][a-z]|Impl$/
  const nests = /(Controller|Module|Filter|Interceptor|Guard|Pipe)$/
  const ofNest = /^(apps|examples\/nest)\//
  none(
    faultsIn(({ path }, { declared }) =>
      declared
        .filter(
          ({ name, kind }) =>
            banned.test(name) || (kind === 'class' && nests.test(name) && !ofNest.test(path)),
        )
        .map(({ name, line }) => `:${line} the name ${name} says what it is made as, not what it is`),
    ),
  )
})

test('no file or folder is called utils, helpers, common, types, interfaces or services', () => {
  const banned = /(^|[/-])(utils?|helpers?|common|types|interfaces?|services?)([/.]|$)/
  none(sources.map(({ path }) => path).filter((path) => banned.test(path)))
})

test('`any`, a non-null `!` and a rule that is switched off have their reason beside them', () => {
  const commented = ({ lines }: Source, line: number) =>
    /\/\//.test(lines[line - 1] ?? '') || /^\s*(\/\/|\*|\/\*\*)/.test(lines[line - 2] ?? '')
  none(
    faultsIn((source, { escapes }) => [
      ...escapes.filter((line) => !commented(source, line)).map((line) => `:${line} say why in a comment`),
      ...source.lines.flatMap((line, i) =>
        /(ox|es)lint-disable(?!.* -- \S)/.test(line) ? [`:${i + 1} say why after \` -- \``] : [],
      ),
    ]),
  )
})
