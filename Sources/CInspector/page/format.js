// Numbers, times and money as people read them.

const whole = new Intl.NumberFormat("en");
const compactForm = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const count = number => whole.format(number ?? 0);
export const compact = number => (number ?? 0) < 10_000 ? count(number) : compactForm.format(number);

/** `1 turn`, `2 turns`. */
export const plural = (number, word, words = `${word}s`) =>
  `${count(number)} ${number === 1 ? word : words}`;

/** Dollars with as many decimals as are meaningful. */
export function dollars(amount) {
  const value = amount ?? 0;
  const places = value === 0 || value >= 1 ? 2 : value >= 0.1 ? 3 : 4;
  return value > 0 && value < 0.0001
    ? "<$0.0001"
    : "$" + value.toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });
}

/** A length in seconds: `0.42 s`, `4.2 s`, `1:04`, `1:02:09`. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const value = Math.max(0, seconds);
  if (value < 1) return `${value.toFixed(2)} s`;
  if (value < 60) return `${value.toFixed(1)} s`;
  const total = Math.floor(value);
  const pad = number => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(total % 60)}` : `${minutes}:${pad(total % 60)}`;
}

/** The same in whole seconds, for running counters. */
export function running(seconds) {
  const value = Math.max(0, Math.floor(seconds));
  return value < 60 ? `${value} s` : duration(value);
}

/** A time within a session: `0:04.2`. */
export function offset(seconds) {
  const value = Math.max(0, seconds ?? 0);
  const minutes = Math.floor(value / 60);
  return `${minutes}:${(value - minutes * 60).toFixed(1).padStart(4, "0")}`;
}

const clockForm = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayForm = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const shortDayForm = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

export const clock = date => clockForm.format(date);

/** Times of today without the date. */
export function moment(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return "–";
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock(date) : `${dayForm.format(date)}, ${clock(date)}`;
}

/** `3 min ago`. */
export function ago(text, now = Date.now()) {
  const seconds = (now - Date.parse(text)) / 1000;
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** `21 Nov` for the ledger's `2026-11-21`. */
export const day = text => shortDayForm.format(new Date(`${text}T00:00:00Z`));

/** Model names without their common prefix. */
export const model = name => name ? name.replace(/^gemini-/, "") : "no model yet";

export function median(numbers) {
  if (!numbers.length) return NaN;
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
