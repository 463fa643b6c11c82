// A bar that grows to the right of its middle or to the left of it.

/** Exactly `2 · half + 1` columns; `share` from −1 to 1, to half a column. */
export function signedBar(share: number, half: number): string {
  const halves = Math.round(Math.min(1, Math.abs(share)) * half * 2)
  const full = '█'.repeat(Math.floor(halves / 2))
  const odd = halves % 2 === 1
  const [left, right] = share < 0 ? [`${odd ? '▐' : ''}${full}`, ''] : ['', `${full}${odd ? '▌' : ''}`]
  return `${left.padStart(half)}│${right.padEnd(half)}`
}
