const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Bytes in decimal units, as disks and networks count them, in the language of the page: `12.3 MB`. */
export function bytes(count: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), UNITS.length - 1);
  const value = count / 1000 ** power;
  const digits = power === 0 || value >= 100 ? 0 : 1;
  const shown = value.toLocaleString(document.documentElement.lang || "en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  });
  return `${shown} ${UNITS[power]}`;
}

/** Time left, as `45 s`, `3:05 min` or `1:10 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}:${pad(whole % 60)} min`;
  return `${Math.floor(whole / 3600)}:${pad(Math.floor((whole % 3600) / 60))} h`;
}

const pad = (value: number) => String(value).padStart(2, "0");
