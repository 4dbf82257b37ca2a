/** Days since 1970-01-01 UTC, written YYYY-MM-DD. */
import { refuse } from "./bytes.ts";

/** 9999-12-31. */
export const LAST_DAY = 2_932_896;
const DAY_MS = 86_400_000;

export function readDay(text: unknown): number {
  const time = typeof text === "string" && /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text || time < 0) refuse("bad_json");
  return time / DAY_MS;
}

export function writeDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

export function today(): number {
  return Math.floor(Date.now() / DAY_MS);
}
