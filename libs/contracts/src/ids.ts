// Branded ids: a string that has been checked once and then keeps its kind; and the tag of keys. Used on every leg.
import { Type, type Static } from 'typebox'

/** SHA-256 of a model's canonical form, 64 hex digits. */
export const ModelId = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256 of the canonical model',
})
/** Chosen by the caller or made by the producer. No colon: an agent's id is `population:index`. */
export const PopulationId = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
  description: 'Letters, digits, dot, dash and underscore; at most 64',
})
export const BatchId = Type.String({ pattern: '^b-[0-9a-f-]{36}$', description: 'Made by the producer' })

/**
 * The hash tag of the one shard there is: each Redis key of it bears the tag, the queue's and the store's, so that all
 * lie in one slot and one script may touch them together.
 */
export const SHARD_TAG = '{s0}'

declare const kind: unique symbol
type Branded<K extends string> = string & { readonly [kind]: K }

export type ModelId = Static<typeof ModelId>
export type PopulationId = Static<typeof PopulationId>
export type BatchId = Static<typeof BatchId>
/** Job ids are `j-<uuid>`: BullMQ refuses ids that are integers or hold a colon. */
export type JobId = Branded<'job'>
/** One creation of a population, 16 hex digits: a population made again under the same id has another one. */
export type Generation = Branded<'generation'>

export const jobId = (uuid: string): JobId => `j-${uuid}` as JobId
export const batchId = (uuid: string): BatchId => `b-${uuid}`
export const generation = (hex16: string): Generation => hex16 as Generation
