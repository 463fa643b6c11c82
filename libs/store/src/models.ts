// Models under their content ids. Immutable: a model is written once and never changed.
import { hash } from 'node:crypto'
import { checker, CohortError, ModelInfo, type ModelId } from '@cohort/contracts'
import type { Redis } from 'ioredis'
import { keys } from './keys.js'
import { answered } from './redis-error.js'

export interface Models {
  /** `json` is the canonical model and `id` its `modelIdOf`. `existed`: nothing was written. */
  put(id: ModelId, json: string, info: ModelInfo): Promise<'created' | 'existed'>
  info(id: ModelId): Promise<ModelInfo | undefined>
  /** The canonical model, its hash checked against its id; `corrupt_record` where it is another one twice. */
  json(id: ModelId): Promise<string | undefined>
}

/** The id of a canonical model: its SHA-256, 64 hex digits. */
export const modelIdOf = (json: string): ModelId => hash('sha256', json)

const checkInfo = checker(ModelInfo)

export function openModels(redis: Redis): Models {
  return {
    async put(id, json, info) {
      const key = keys.model(id)
      if ((await answered(redis.hexists(key, 'json'))) === 1) return 'existed'
      // Two that come this far write the same bytes; the one that adds the fields has created it.
      return (await answered(redis.hset(key, { json, info: JSON.stringify(info) }))) > 0
        ? 'created'
        : 'existed'
    },
    async info(id) {
      const text = await answered(redis.hget(keys.model(id), 'info'))
      return text === null ? undefined : parseInfo(id, text)
    },
    async json(id) {
      let found = id
      // Read again, once: what was damaged on its way, or by a replica that was behind, is whole the second time.
      for (let reads = 0; reads < 2; reads++) {
        const json = await answered(redis.hget(keys.model(id), 'json'))
        if (json === null) return undefined
        found = modelIdOf(json)
        if (found === id) return json
      }
      throw new CohortError('corrupt_record', `model ${id} has the hash ${found}`)
    },
  }
}

function parseInfo(id: ModelId, text: string): ModelInfo {
  const checked = checkInfo(parsed(text))
  if (!checked.ok)
    throw new CohortError('corrupt_record', `the info of model ${id} is damaged`, { errors: checked.faults })
  return checked.value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
