/** What stands for a number that is missing, NaN or infinite. */
export const MISSING = '–';

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal digits with a comma between thousands: 118282 -> `118,282`. Rounded to a whole number. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return MISSING;
  return groupThousands(String(Math.round(count) + 0));
}

/** Puts a comma between the thousands of a decimal number's whole part; other text is returned as it is. */
export function groupThousands(digits: string): string {
  return digits.replace(/^-?\d+(?=\.|$)/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','));
}

/** Bytes in decimal units (1 kB = 1000 B), one decimal: 1234567 -> `1.2 MB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return MISSING;
  const size = Math.abs(bytes);
  if (Math.round(size) < 1000) return `${Math.round(bytes) + 0} B`;
  let unit = 0;
  // 999,950 B is 1000.0 kB to one decimal, so it goes on to 1.0 MB.
  while (unit < UNITS.length - 1 && Number((size / 1000 ** (unit + 1)).toFixed(1)) >= 1000) unit++;
  return `${(bytes / 1000 ** (unit + 1)).toFixed(1)} ${UNITS[unit]}`;
}

/** A length of time given in milliseconds: `850 ms`, `3.4 s`, `42 s`, `1 min 20 s`, `2 h 5 min`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return MISSING;
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** A fraction as a percentage: 0.9731 -> `97.3%`. */
export function formatPercent(fraction: number, decimals = 1): string {
  return Number.isFinite(fraction * 100) ? `${(fraction * 100).toFixed(decimals)}%` : MISSING;
}

/** A number to a few significant digits: plain between 0.001 and 100,000, else with an exponent (`2.4e-7`). */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return MISSING;
  if (value === 0) return '0';
  const size = Math.abs(Number(value.toPrecision(digits)));
  if (size < 1e-3 || size >= 1e5) return value.toExponential(digits - 1).replace(/\.?0*e\+?/, 'e');
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return groupThousands(value.toFixed(decimals));
}
