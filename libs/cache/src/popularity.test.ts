// What popularity promises: counts that end at 15, and are forgotten by halves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Popularity } from './popularity.js'

test('counts end at 15, so that what was leased a million times is not harder to push out', () => {
  const popularity = new Popularity()
  for (let i = 0; i < 5000; i++) popularity.count('a')
  assert.deepEqual([popularity.of('a'), popularity.of('b')], [15, 0])
})

test('after 10,000 leases all counts are halved, also of what nobody leased since', () => {
  const popularity = new Popularity()
  for (let i = 0; i < 15; i++) popularity.count('a')
  const halves = [7, 3, 1, 0].map(() => {
    for (let i = 0; i < 10_000; i++) popularity.count('b')
    return popularity.of('a')
  })
  assert.deepEqual(halves, [7, 3, 1, 0])
})

test('not more ids are remembered than 16,384', () => {
  const popularity = new Popularity()
  for (let i = 0; i < 20; i++) popularity.count('a')
  for (let i = 0; i < 16_384; i++) popularity.count(`${i}`)
  assert.deepEqual([popularity.of('a'), popularity.of('0')], [7, 0])
})
