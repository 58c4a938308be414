// Values as text for people.

const DAY = 86400;
const whole = new Intl.NumberFormat();
const precise = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const ofToday = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

export const count = (number) => (number === null || number === undefined ? "" : whole.format(number));

/** A span in seconds. */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const s = Math.max(seconds, 0);
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  if (s < 2 * DAY) return `${(s / 3600).toFixed(1)} h`;
  return `${(s / DAY).toFixed(1)} d`;
}

/** A time from ISO text: short if it is of today. */
export function time(iso) {
  if (!iso) return "";
  const at = new Date(iso);
  return at.toDateString() === new Date().toDateString() ? ofToday.format(at) : precise.format(at);
}

/** Seconds between two times in ISO text. */
export const between = (from, to) => (from && to ? (new Date(to) - new Date(from)) / 1000 : null);

const SAID = {
  SUCCESS: "success",
  ERROR: "error",
  PENDING: "running",
  ENQUEUED: "enqueued",
  DELAYED: "delayed",
  CANCELLED: "cancelled",
  MAX_RECOVERY_ATTEMPTS_EXCEEDED: "dead letter",
};
export const STATUSES = Object.keys(SAID);
export const ACTIVE = new Set(["PENDING", "ENQUEUED", "DELAYED"]);

export const statusWord = (status) => SAID[status] || status;

/** The address of a view. */
export function link(view, query) {
  const text = new URLSearchParams(
    Object.entries(query || {}).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  ).toString();
  return `#/${view}${text ? `?${text}` : ""}`;
}
