// A model straight to what the kernel reads, for functions that are called without an agent.
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import { compileModel, type CompiledModel, mapModel, validateModel } from '@cohort/inference'

/** Throws `invalid_model` or `model_too_large`. */
export const compiled = (model: Model): CompiledModel =>
  mapModel(compileModel(validateModel(model, DEFAULT_LIMITS)).buffer, 0)
