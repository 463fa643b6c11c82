// What the rest of the system must know of a model without compiling it.
import type { ModelInfo } from '@cohort/contracts'
import { rowBytes } from '../row.js'
import { agentBytes, slotShapeOf } from '../slot.js'
import { modelLayout, type ModelShape } from './layout.js'
import { countPolicies } from './policies.js'

/**
 * Shapes, policies and sizes in bytes. Allocates nothing of the model's size, so it also serves to refuse
 * one.
 */
export function describeModel(model: ModelShape): Omit<ModelInfo, 'modelId'> {
  const { numObs, numStates, numControls } = model
  return {
    shapes: { numObs: [...numObs], numStates: [...numStates], numControls: [...numControls] },
    policies: countPolicies(model),
    compiledBytes: modelLayout(model).bytes,
    rowBytes: rowBytes(model),
    agentBytes: agentBytes(slotShapeOf(model)),
  }
}
