// Compiles a model on a compute thread, so that the main thread never computes. Asked for by job/models.ts
import { CohortError, type Limits, type Model } from '@cohort/contracts'
import { compileModel, describeModel, kernelOf, mapModel, stepWork, validateModel } from '@cohort/inference'
import type { CompileTask, Compiled } from './task.js'

/**
 * The info is made from the model and not read from the store: slots are cut by it, so it must be right.
 * Throws `model_too_large` where this worker's limits are lower than those of whoever stored it.
 */
export function compile({ json }: CompileTask, limits: Limits): Compiled {
  const model = validateModel(parse(json), limits)
  const compiled = compileModel(model)
  const bytes = new Uint8Array(new SharedArrayBuffer(compiled.length))
  bytes.set(compiled)
  const kernel = kernelOf(mapModel(bytes.buffer, 0))
  return { kind: 'compiled', bytes, info: describeModel(model), work: stepWork(model), kernel }
}

/** The hash of the text fits its id, so this is what someone stored under it. */
function parse(json: string): Model {
  try {
    return JSON.parse(json) as Model
  } catch (cause) {
    throw new CohortError('corrupt_record', 'the stored model is not JSON', { cause })
  }
}
