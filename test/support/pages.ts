// What a page of the docs tells its reader to do, and what it says that comes of it.
import { readFileSync } from 'node:fs'
import { fileOf } from './processes.js'

export interface Block {
  /** `README.md:37` */
  readonly at: string
  /** The word behind the fence: `sh` and `js` are run, `console` is for the reader alone. */
  readonly language: string
  readonly text: string
}

export const blocksOf = (page: string): Block[] => {
  const text = readFileSync(fileOf(page), 'utf8')
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ index, 1: language = '', 2: code = '' }) => ({
    at: `${page}:${text.slice(0, index).split('\n').length}`,
    language,
    text: code,
  }))
}

export interface Snippet extends Block {
  /** The blocks right behind it that show what it prints: `json`, a part of an answer, and `text`, lines. */
  readonly shown: readonly Block[]
}

export function snippetsOf(page: string): Snippet[] {
  const blocks = blocksOf(page)
  return blocks.flatMap((block, i) => {
    if (block.language !== 'sh' && block.language !== 'js') return []
    const behind = blocks.slice(i + 1)
    const end = behind.findIndex(({ language }) => language !== 'json' && language !== 'text')
    return [{ ...block, shown: end === -1 ? behind : behind.slice(0, end) }]
  })
}

/** Whether what was printed holds what the page shows. */
export const isShown = (printed: string, { language, text }: Block): boolean =>
  language === 'json'
    ? answersIn(printed).some((answer) => holds(answer, JSON.parse(text)))
    : linesHold(printed, text)

/** The lines of JSON among those printed. */
const answersIn = (printed: string): unknown[] =>
  printed.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as unknown] : []))

/** All that the page shows is there; numbers as far as a page rounds them. */
function holds(got: unknown, shown: unknown): boolean {
  if (typeof shown === 'number') return typeof got === 'number' && Math.abs(got - shown) <= 0.005
  if (typeof shown !== 'object' || shown === null) return got === shown
  if (typeof got !== 'object' || got === null) return false
  if (Array.isArray(shown) && (!Array.isArray(got) || got.length !== shown.length)) return false
  return Object.entries(shown).every(([key, value]) => holds((got as Record<string, unknown>)[key], value))
}

/** Each line shown is one of those printed, in their order; `…` stands for anything. */
function linesHold(printed: string, shown: string): boolean {
  const patterns = shown.trimEnd().split('\n').map(patternOf)
  let next = 0
  for (const line of printed.split('\n')) if (patterns[next]?.test(line) === true) next++
  return next === patterns.length
}

const patternOf = (line: string): RegExp =>
  new RegExp(`^${line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*')}$`)
