// What the rest of the system must know of a model without compiling it.
import type { ModelInfo } from '@cohort/contracts'
import { rowBytes, rowSections } from '../row/layout.js'
import { agentBytes, slotShapeOf, termBytes } from '../slot.js'
import { modelLayout, type ModelShape } from './layout.js'

/**
 * Shapes, policies and sizes in bytes. Allocates nothing of the model's size, so it also serves to refuse
 * one.
 */
export function describeModel(model: ModelShape): Omit<ModelInfo, 'modelId'> {
  const { numObs, numStates, numControls } = model
  return {
    shapes: { numObs: [...numObs], numStates: [...numStates], numControls: [...numControls] },
    policies: model.policies,
    softObservations: model.options.inference !== 'messagePassing',
    compiledBytes: modelLayout(model).bytes,
    rowBytes: rowBytes(rowSections(model)),
    row: rowSections(model),
    agentBytes: agentBytes(slotShapeOf(model)),
    termBytes: termBytes(model),
  }
}
