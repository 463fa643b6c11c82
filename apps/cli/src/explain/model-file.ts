// The model to explain: as PUT /v1/models takes it, or that of a golden agent file.
import { checker, CohortError, Model } from '@cohort/contracts'
import { LoneAgent } from '../lone-agent/lone-agent.js'
import type { AgentFile } from '../replay/golden-file.js'
import { modelOf } from '../replay/golden-model.js'
import { readJson } from '../read-json.js'

const check = checker(Model)

/** An agent of the model, the first of a population with this seed. Throws `usage` with every fault found. */
export async function readAgent(path: string, seed: number): Promise<LoneAgent> {
  const checked = check(plainModel(await readJson(path)))
  if (!checked.ok) throw new CohortError('usage', `${path} is not a model`, { errors: checked.faults })
  try {
    return new LoneAgent(checked.value, { seed })
  } catch (cause) {
    if (!(cause instanceof CohortError)) throw cause
    // Its message is the first of its errors, which are told one by one.
    const detail = cause.errors.length > 0 ? `${path} is not a valid model` : `${path}: ${cause.message}`
    throw new CohortError('usage', detail, { cause, errors: cause.errors })
  }
}

function plainModel(value: unknown): unknown {
  const golden = value as Partial<AgentFile> | null
  const kind: unknown = golden?.kind
  if (kind === 'function')
    throw new CohortError('usage', 'a golden file of a function holds no agent to explain')
  if (typeof golden !== 'object' || golden === null || kind !== 'agent') return value
  const { model, config, call_order } = golden
  return model && config && call_order ? modelOf({ model, config, call_order }) : value
}
