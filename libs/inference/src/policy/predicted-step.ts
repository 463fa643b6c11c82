// A predicted step as its worth is reckoned, and where each term of G stands in an array of terms.
import { TERMS } from '../slot.js'

/** Positions in an array of terms. */
export const UTILITY = TERMS.indexOf('utility')
export const STATES_INFO_GAIN = TERMS.indexOf('statesInfoGain')
export const PARAM_INFO_GAIN_A = TERMS.indexOf('paramInfoGainA')
export const PARAM_INFO_GAIN_B = TERMS.indexOf('paramInfoGainB')
export const INDUCTIVE = TERMS.indexOf('inductive')

/** Predicted beliefs about the factors: factor f's begins at `beliefs[at[f]]`. */
export interface PredictedStep {
  readonly beliefs: Float64Array
  readonly at: Int32Array
  /** Which predicted step it is, from 0: the column of C. */
  readonly t: number
}

/** A predicted step and the one before it: factor f's belief there begins at `from[fromAt[f]]`. */
export interface Transition extends PredictedStep {
  readonly from: Float64Array
  readonly fromAt: Int32Array
  /** The joint action between the two. */
  action: number
}
