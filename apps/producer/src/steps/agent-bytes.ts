// What one agent of a job takes in a worker's arena: what is admitted, and where jobs are cut, by it.
import type { ModelInfo, ReturnField } from '@cohort/contracts'

/** The parts of G are laid out for jobs only that want them; all else, soft observations included, for each. */
export const agentBytesWith = (
  fields: readonly ReturnField[],
  { agentBytes, termBytes }: Pick<ModelInfo, 'agentBytes' | 'termBytes'>,
): number => agentBytes + (fields.includes('terms') ? termBytes : 0)
