// The seam of the store: how a job's rows come in and go out. What lies behind (now: rows in Redis) may change.
import type { PopulationId } from '@cohort/contracts'

/** A whole block, or, with `index`, some of its rows (ascending, each once). */
export interface LoadPart {
  readonly population: PopulationId
  /** The creation of the population that is meant, 16 hex digits. */
  readonly generation: string
  readonly block: number
  readonly index: readonly number[] | null
}

export interface FoundPart {
  readonly state: 'found'
  /** One row after the other: all of the block (`whole`), or those of `index` in its order. */
  readonly rows: Buffer
  /** True without `index`, or with more rows than `BY_ROW_PART`: the part is compared and written whole. */
  readonly whole: boolean
  /** Rows that the block has. */
  readonly count: number
  readonly rowBytes: number
  /** 16 bytes: what a commit of the whole block compares. */
  readonly version: Buffer
  /** SHA-1 of `rows`, hex: what a commit by row compares. Null for a whole block. */
  readonly rowsHash: string | null
  /** The first 16 hex digits of the id of the model that the rows belong to. */
  readonly modelPrefix: string
  /** Of the kernel that made the rows. */
  readonly numerics: number
}

export type LoadedPart =
  | FoundPart
  /** No such block, or one of another creation of the population. */
  | { readonly state: 'gone' }
  /** The record is damaged. Nothing is ever written over it. */
  | { readonly state: 'corrupt'; readonly detail: string }

export interface CommitPart {
  readonly population: PopulationId
  readonly generation: string
  readonly block: number
  /** Null: the whole block. Else the rows, ascending, each once. */
  readonly rowIndex: readonly number[] | null
  /** `version` as it was loaded. */
  readonly expectedVersion: Uint8Array
  /** `rowsHash` as it was loaded; null for a whole block. */
  readonly expectedHash: string | null
  /** The new rows. They must not change until the commit has returned: a broken connection sends them again. */
  readonly rows: Uint8Array
}

export interface CommitRequest {
  readonly jobId: string
  /** The job's hash, which lives exactly as long as the job can be delivered. */
  readonly jobKey: string
  /** A `JobResult`, JSON. */
  readonly result: string
  /** Where the answer is published. */
  readonly channel: string
  readonly parts: readonly CommitPart[]
}

export type CommitOutcome =
  /** Applied, stored, marked and published. */
  | { readonly outcome: 'done' }
  /** Was answered before; the stored answer was published again. Nothing was written. */
  | { readonly outcome: 'already' }
  /** The job no longer exists: the caller is a zombie. Nothing was written. */
  | { readonly outcome: 'gone' }
  /** Parts, by position, that are not as they were loaded: load and compute them again. Nothing was written. */
  | { readonly outcome: 'stale'; readonly parts: readonly number[] }

/** A form that keeps blocks resident between load and commit will add how one is let go. */
export interface BlockStore {
  load(parts: readonly LoadPart[]): Promise<LoadedPart[]>
  commit(request: CommitRequest): Promise<CommitOutcome>
}
