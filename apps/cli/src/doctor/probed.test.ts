// A part of the doctor that throws is a fault of its area: what it cannot tell stays one check among the others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { probed } from './probed.js'

test('what throws, at once or later, is a fault that says which error and where, and quotes nothing', async () => {
  const throws = () => {
    throw new TypeError('hunter2')
  }
  for (const probe of [throws, () => Promise.reject(new TypeError('hunter2'))]) {
    const [check, ...others] = await probed('workers', probe)
    assert.deepEqual([check?.area, check?.name, check?.status, others], ['workers', 'workers', 'fault', []])
    assert.match(check?.found ?? '', /^it could not be looked at: TypeError at .*probed\.test\.js:\d+/)
    assert.doesNotMatch(JSON.stringify(check), /hunter2/)
  }
})

test('what does not throw is as it is', async () => {
  const check = { area: 'node', name: 'version', status: 'ok', found: 'x' } as const
  assert.deepEqual(await probed('node', () => [check]), [check])
})
