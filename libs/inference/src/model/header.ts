// The first bytes of a compiled model: what it is, how to infer and plan with it, and its shape.
import { CohortError } from '@cohort/contracts'
import { HEADER_BYTES, type ModelShape } from './layout.js'
import type { ValidModel } from './valid-model.js'

/** 'CHRM', little-endian. */
const MAGIC = 0x4d524843
/** Raised with any change of what the bytes mean. */
const FORMAT = 1

/** Positions of the header's u32 words. */
const WORD = {
  magic: 0,
  format: 1,
  bytes: 2,
  factors: 3,
  modalities: 4,
  policyLen: 5,
  flags: 6,
  numIter: 7,
} as const
/** Positions of its f64 numbers, which follow the words. */
const NUMBER = { gamma: 4, alpha: 5, dF: 6, dFTol: 7 } as const
const FLAG = { useUtility: 1, useStatesInfoGain: 2, stochastic: 4, full: 8, computeVfe: 16 } as const

export interface ModelHeader {
  readonly bytes: number
  readonly shape: ModelShape
  readonly options: ValidModel['options']
}

export function writeHeader({ shape, options, bytes }: ModelHeader, buffer: ArrayBufferLike): void {
  const words = new Uint32Array(buffer)
  words[WORD.magic] = MAGIC
  words[WORD.format] = FORMAT
  words[WORD.bytes] = bytes
  words[WORD.factors] = shape.numStates.length
  words[WORD.modalities] = shape.numObs.length
  words[WORD.policyLen] = shape.policyLen
  words[WORD.flags] = flagsOf(options)
  words[WORD.numIter] = options.numIter
  const numbers = new Float64Array(buffer)
  for (const name of ['gamma', 'alpha', 'dF', 'dFTol'] as const) numbers[NUMBER[name]] = options[name]
  words.set(shapeWords(shape), HEADER_BYTES / 4)
}

/** Throws `internal` where the bytes are not a compiled model of this format. */
export function readHeader(buffer: ArrayBufferLike, offset: number): ModelHeader {
  const words = new Uint32Array(buffer, offset, HEADER_BYTES / 4)
  if (words[WORD.magic] !== MAGIC || words[WORD.format] !== FORMAT) {
    throw new CohortError('internal', `no compiled model of format ${FORMAT} at byte ${offset}`)
  }
  const bytes = words[WORD.bytes]
  const numbers = new Float64Array(buffer, offset, HEADER_BYTES / 8)
  const flags = words[WORD.flags]
  const options: ValidModel['options'] = {
    policyLen: words[WORD.policyLen],
    numIter: words[WORD.numIter],
    useUtility: (flags & FLAG.useUtility) !== 0,
    useStatesInfoGain: (flags & FLAG.useStatesInfoGain) !== 0,
    computeVfe: (flags & FLAG.computeVfe) !== 0,
    actionSelection: flags & FLAG.stochastic ? 'stochastic' : 'deterministic',
    samplingMode: flags & FLAG.full ? 'full' : 'marginal',
    gamma: numbers[NUMBER.gamma],
    alpha: numbers[NUMBER.alpha],
    dF: numbers[NUMBER.dF],
    dFTol: numbers[NUMBER.dFTol],
  }
  return { bytes, options, shape: readShape(words, new Uint32Array(buffer, offset, bytes / 4)) }
}

function flagsOf(options: ValidModel['options']): number {
  return (
    (options.useUtility ? FLAG.useUtility : 0) |
    (options.useStatesInfoGain ? FLAG.useStatesInfoGain : 0) |
    (options.computeVfe ? FLAG.computeVfe : 0) |
    (options.actionSelection === 'stochastic' ? FLAG.stochastic : 0) |
    (options.samplingMode === 'full' ? FLAG.full : 0)
  )
}

/**
 * States and actions of each factor, outcomes of each modality, then each dependency list after its length.
 */
function shapeWords({ numStates, numControls, numObs, aDependencies, bDependencies }: ModelShape): number[] {
  const lists = [...aDependencies, ...bDependencies].flatMap((list) => [list.length, ...list])
  return [...numStates, ...numControls, ...numObs, ...lists]
}

function readShape(header: Uint32Array, words: Uint32Array): ModelShape {
  let at = HEADER_BYTES / 4
  const take = (count: number): number[] => Array.from({ length: count }, () => words[at++])
  const factors = header[WORD.factors]
  const modalities = header[WORD.modalities]
  return {
    numStates: take(factors),
    numControls: take(factors),
    numObs: take(modalities),
    aDependencies: Array.from({ length: modalities }, () => take(words[at++])),
    bDependencies: Array.from({ length: factors }, () => take(words[at++])),
    policyLen: header[WORD.policyLen],
  }
}
