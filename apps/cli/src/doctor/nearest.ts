// The name that somebody may have meant who wrote another one.

/** Of `names` the one that takes the fewest changed letters; undefined where that is more than half of what differs. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, changes: changesBetween(written, name) }))
    .toSorted((a, b) => a.changes - b.changes)
  return best === undefined || best.changes > letters(written) / 2 ? undefined : best.name
}

/** Those after `COHORT_`, which all names have. */
const letters = (name: string): number => name.length - 'COHORT_'.length

/** Letters that are put in, left out or exchanged (Levenshtein), a row of the table at a time. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const exchanged = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(exchanged, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
