// For tests: how a model is refused, and models of which one place has been changed.
import assert from 'node:assert/strict'
import { CohortError, DEFAULT_LIMITS, type Limits, type Model } from '@cohort/contracts'
import { validateModel } from '../model/check/validate.js'

export type Key = string | number

/** A copy of the model with one place changed. */
export function changed(sound: Model, keys: readonly Key[], value: unknown): Model {
  const model = structuredClone(sound)
  let at: unknown = model
  for (const key of keys.slice(0, -1)) at = (at as Record<Key, unknown>)[key]
  ;(at as Record<Key, unknown>)[keys[keys.length - 1]] = value
  return model
}

export function refusal(model: Model, limits: Limits = DEFAULT_LIMITS): CohortError {
  try {
    validateModel(model, limits)
  } catch (error) {
    assert.ok(error instanceof CohortError, String(error))
    return error
  }
  return assert.fail('the model was not refused')
}

/** `invalid_model`, with a fault at `path` that says so and what was expected. */
export function assertRefused(model: Model, path: string, message: RegExp): void {
  const { code, errors, message: detail } = refusal(model)
  const named = errors.map((fault) => `${fault.path} ${fault.message}`).join('; ')
  const fault = errors.find((one) => one.path === path)
  assert.equal(code, 'invalid_model', path)
  assert.ok(fault, `${path} is not among ${named}`)
  assert.match(fault.message, message, path)
  assert.ok(fault.expected, path)
  assert.ok(detail.includes(errors[0].path), detail)
}
