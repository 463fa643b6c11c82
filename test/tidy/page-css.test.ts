// The norm of the live page's looks, which page.css states at its head: sections, tokens, the order in a rule.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSource } from './sources.js'

const { text } = readSource('apps/producer/page/page.css')
const none = (faults: readonly string[]) => assert.ok(faults.length === 0, `\n  ${faults.join('\n  ')}`)

interface Rule {
  readonly selector: string
  readonly declarations: readonly (readonly [property: string, value: string])[]
}

/** The innermost blocks. */
const rules: readonly Rule[] = [...text.replace(/\/\*.*?\*\//gs, '').matchAll(/([^{};]+)\{([^{}]*)\}/g)].map(
  ([, selector = '', body = '']) => ({
    selector: selector.trim(),
    declarations: [...body.matchAll(/([\w-]+):\s*([^;]+);/g)].map(
      ([, property = '', value = '']) => [property, value] as const,
    ),
  }),
)
const ofRoot = rules.filter(({ selector }) => selector === ':root').flatMap((rule) => rule.declarations)
const others = rules.filter(({ selector }) => selector !== ':root')

test('its sections are those of its head, in that order', () => {
  const stated = /in this order: ([^.]+)\./.exec(text)?.[1]?.split(/,\s*/)
  const found = [...text.matchAll(/^\/\* ([a-z]+) \*\/$/gm)].map(([, name]) => name)
  assert.deepEqual(found, stated)
})

/** What each may be beside a token. */
const FREE: readonly (readonly [property: RegExp, value: RegExp])[] = [
  [
    /^(margin|padding|gap|column-gap|row-gap)/,
    /^(0|auto|calc\(-1 \* var\(--space-\d\)\)|var\(--space-\d\))$/,
  ],
  [/^font-size$/, /^var\(--text-\d\)$/],
  [/radius$/, /^var\(--radius-\w+\)$/],
]

test('a colour, a space, a size of text, a radius is a token', () => {
  none(
    others.flatMap(({ selector, declarations }) =>
      declarations
        .filter(([property, value]) => {
          const parts = value.match(/calc\(.*\)|\S+/g) ?? []
          const allowed = FREE.find(([name]) => name.test(property))?.[1] ?? /./
          return /#[\da-f]{3}|rgb|hsl/i.test(value) || parts.some((part) => !allowed.test(part))
        })
        .map(([property, value]) => `${selector} ${property}: ${value}`),
    ),
  )
})

test('each token that a rule names is there, and each that is there is named', () => {
  const tokens = ofRoot.map(([property]) => property).filter((property) => property.startsWith('--'))
  const named = [...text.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name)
  assert.deepEqual([...new Set(named)].sort(), [...new Set(tokens)].sort())
})

/** The parts of a rule, by how their properties begin. */
const ORDER = [
  /^(content|display|position|flex|grid|order|align|justify|vertical-align|gap|column-gap|row-gap)/,
  /^(box-sizing|width|min-|max-|height|margin|padding|overflow(-[xy])?$)/,
  /^(border|outline|background|fill|stroke|opacity|visibility)/,
  /^(color$|font|line-height|letter-spacing|text-|white-space|overflow-wrap|list-style)/,
  /^transition/,
]

test('in a rule stand: where it stands, its box, its paint, its text, its motion', () => {
  none(
    others.flatMap(({ selector, declarations }) => {
      const parts = declarations.map(([property]) => ORDER.findIndex((begins) => begins.test(property)))
      return declarations
        .filter((_, i) => (parts[i] ?? -1) < Math.max(0, ...parts.slice(0, i)))
        .map(([property]) => `${selector}: ${property} comes too late, or is in no part`)
    }),
  )
})
