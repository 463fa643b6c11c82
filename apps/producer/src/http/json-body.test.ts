// Promises of the body: what is not JSON is refused at the place where it stops to be.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import fc from 'fast-check'
import { faultAt, parseBody } from './json-body.js'

const faults: readonly [body: string, at: number][] = [
  ['', 0],
  ['{', 1],
  ['{"a":NaN}', 5],
  ['{"a":1,}', 7],
  ['{a:1}', 1],
  ['[1,2', 4],
  ['[1 2]', 3],
  ['[1,]', 3],
  ['{"a" 1}', 5],
  ['{"a":01}', 6],
  ['{"a":1]', 6],
  ['"abc', 4],
  ['"a\nb"', 2],
  ['"\\x"', 1],
  ['[-]', 1],
  ['{} x', 3],
  ['[Infinity]', 1],
]

for (const [body, at] of faults) {
  test(`${JSON.stringify(body)} stops to be JSON at character ${at}`, () => assert.equal(faultAt(body), at))
}

test('it stops where V8 does, with one character of any text changed', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.nat(),
      fc.constantFrom('', ',', ']', '}', '"', '0', 'x', '\\', ' '),
      (value, where, put) => {
        const text = JSON.stringify(value, null, 1)
        const at = where % (text.length + 1)
        const changed = text.slice(0, at) + put + text.slice(at + 1)
        const found = faultAt(changed)
        const told = placeTold(changed)
        if (told === undefined) assert.ok(found < changed.length, changed)
        // V8 reads on in a word, a number or an escape; here its begin or its good end is named.
        else
          assert.ok(
            found <= told && /^[\w.+\\-]*[^]?$/.test(changed.slice(found, told)),
            `${changed}: ${found}, not ${told}`,
          )
      },
    ),
    { numRuns: 1000 },
  )
})

/** The position of the fault, or the end of a text that ends too early; undefined where it does not say. */
function placeTold(text: string): number | undefined {
  try {
    JSON.parse(text)
    return text.length
  } catch (error) {
    const message = String(error)
    if (/end of JSON input|Unterminated string/.test(message)) return text.length
    const position = / at position (\d+)/.exec(message)?.[1]
    return position === undefined ? undefined : Number(position)
  }
}

test('the fault names line and column and shows what is there', () => {
  assert.throws(
    () => parseBody('{\n  "population": "p",\n  "observations": [[NaN]]\n}'),
    (error: unknown) => {
      assert.ok(error instanceof CohortError)
      assert.equal(error.code, 'malformed_json')
      assert.equal(error.message, 'the body: is not JSON at line 3, column 21')
      assert.match(String(error.errors[0]?.got), /\[\[NaN\]\]/)
      return true
    },
  )
})

test('the place is told in one way: in the detail and in the fault', () => {
  for (const [body, place] of [
    ['{"a":1,}', 'is not JSON at line 1, column 8'],
    ['[1,\n 2', 'ends too early, at line 2, column 3'],
  ] as const)
    assert.throws(
      () => parseBody(body),
      (error: unknown) => {
        assert.ok(error instanceof CohortError)
        const { detail, errors } = error.toProblem()
        assert.equal(detail, `the body: ${place}`)
        assert.deepEqual(errors, [{ path: '', message: place, got: body }])
        return true
      },
    )
})
