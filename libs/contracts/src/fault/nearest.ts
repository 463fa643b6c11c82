// The name that somebody may have meant who wrote another one: of a field, a command, a flag, a setting.

/** Of `names` the one that takes the fewest changed letters; undefined where those are more than half of the word. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, changes: changesBetween(written, name) }))
    .toSorted((a, b) => a.changes - b.changes)
  return best === undefined || best.changes > written.length / 2 ? undefined : best.name
}

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
