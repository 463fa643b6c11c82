// How the live page writes numbers: short, and never more exact than they are.

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export const NOTHING = '–'

/** 7 · 1,234 · 128k · 1.5M */
export const count = (value: number): string =>
  value < 10_000 ? whole.format(value) : compact.format(value).replace('K', 'k')

/** 0.042 ms · 4.21 ms · 421 ms · 4.21 s · 3 min */
export function duration(ms: number): string {
  if (ms >= 120_000) return `${whole.format(ms / 60_000)} min`
  return ms >= 1000 ? `${digits(ms / 1000)} s` : `${digits(ms)} ms`
}

/** 0 % · <0.1 % · 4.2 % · 83 % */
export const percent = (part: number): string => {
  const hundredths = 100 * part
  if (hundredths > 0 && hundredths < 0.05) return '<0.1 %'
  return `${hundredths > 0 && hundredths < 9.95 ? hundredths.toFixed(1) : hundredths.toFixed(0)} %`
}

/** Three that count, but no more than microseconds. */
function digits(value: number): string {
  if (value === 0) return '0'
  if (value < 0.1) return value.toFixed(3)
  if (value < 9.995) return value.toFixed(2)
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0)
}
