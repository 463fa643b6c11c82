// How an explanation is set: whose names, how wide, in which colours.
import type { styleText } from 'node:util'
import type { CompiledModel } from '@cohort/inference'
import type { Names } from './names.js'

export interface Page {
  readonly names: Names
  /** What depends on what. */
  readonly model: Pick<CompiledModel, 'aDependencies' | 'bDependencies' | 'bControls' | 'options'>
  /** Columns. */
  readonly width: number
  /** Plans shown. */
  readonly top: number
  /** Colours a text, or leaves it. */
  readonly paint: (style: Parameters<typeof styleText>[0], text: string) => string
}
