// How numbers are written for people.

/** 0.5 → 50.0 %. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** 1 agent, 1,000 agents. */
export const plural = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`

/** 1234567 → 1,234,567. */
export const grouped = (value: number): string => value.toLocaleString('en-US')
