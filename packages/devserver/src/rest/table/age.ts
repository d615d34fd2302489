/** The time since a time stamp as kubectl writes it: one unit, or two while the second one matters. */
export function age(since: string, now = Date.now()): string {
  const at = Date.parse(since);
  return Number.isNaN(at) ? "<unknown>" : durationText((now - at) / 1_000);
}

/** As Kubernetes' duration.HumanDuration. */
export function durationText(exactSeconds: number): string {
  // Clocks may differ a little.
  if (exactSeconds < -1) return "<invalid>";
  const seconds = Math.max(0, Math.floor(exactSeconds));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const two = (large: number, unit: string, rest: number, small: string): string =>
    rest === 0 ? `${large}${unit}` : `${large}${unit}${rest}${small}`;
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return two(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  if (days < 8) return two(days, "d", hours % 24, "h");
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? two(years, "y", days % 365, "d") : `${years}y`;
}
