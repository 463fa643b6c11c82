// The batches that a job has steps of, for its lines in the log and its span. Of any data: what is no job may be there.

/** A gathered job may be of thousands, and is found by any of them. */
const MOST = 8

/** The first few, each once. */
export function batchesOf(data: unknown): string[] {
  const origins = typeof data === 'object' && data !== null && 'origins' in data ? data.origins : undefined
  const batches = new Set<string>()
  for (const origin of Array.isArray(origins) ? (origins as unknown[]) : []) {
    if (batches.size === MOST) break
    const batch =
      typeof origin === 'object' && origin !== null && 'batch' in origin ? origin.batch : undefined
    if (typeof batch === 'string') batches.add(batch)
  }
  return [...batches]
}
