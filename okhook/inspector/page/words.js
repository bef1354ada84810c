// Words for what the page shows: times, people, outcomes. Text from a payload is never HTML, and
// its invisible characters are written out.

const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Return a text in which control, direction and other unseen characters are escapes. */
export function plain(text, limit = Infinity) {
  const cut = text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
  return cut.replace(UNSEEN, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Return a value of a payload as text: what should be a string may be anything. */
export const textOf = (value) => (typeof value === "string" ? value : JSON.stringify(value) ?? "");

const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const clock = new Intl.DateTimeFormat(undefined, parts);
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/** Return the local time of day, and the day; that is empty if it is today. */
export function clockAndDay(iso, now = new Date()) {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return [plain(String(iso), 40), ""];
  if (moment.toDateString() === now.toDateString()) return [clock.format(moment), ""];
  return [clock.format(moment), (moment.getFullYear() === now.getFullYear() ? dayOfYear : day).format(moment)];
}

/** Return the local time, with the day unless it is today. */
export function time(iso) {
  const [clock, day] = clockAndDay(iso);
  return day ? `${day}, ${clock}` : clock;
}

export const bytes = (count) =>
  count < 1000 ? `${count} B` : count < 1e6 ? `${(count / 1000).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;

export const milliseconds = (ms) => (ms < 10 ? `${Math.round(ms * 10) / 10} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

// Okta writes this word where a group or an app has no login.
const known = (text) => (typeof text === "string" && text !== "unknown" ? text : "");

/** Return a login rather than a name, because names repeat. */
export const person = (party, limit = 80) =>
  party ? plain(known(party.alternate_id) || known(party.display_name) || known(party.id) || "unknown", limit) : "nobody";

/** Return the name of who has a login, too. */
export const alsoNamed = (party) =>
  known(party.alternate_id) && known(party.display_name) !== party.alternate_id ? plain(known(party.display_name), 80) : "";

const named = (party) => {
  if (!party) return "nobody";
  const [name, login] = [known(party.displayName), known(party.alternateId)];
  const shown = name || login || known(party.id) || "unknown";
  return plain(shown, 200) + (login && login !== shown ? ` (${plain(login, 200)})` : "");
};

/** Say who did what to whom. `event` is Okta's own object. */
export function sentence(event) {
  const what = plain(textOf(event.displayMessage || event.eventType || "an event"), 200);
  const targets = Array.isArray(event.target) ? event.target : [];
  const whom = targets.length ? `: ${targets.slice(0, 3).map(named).join(", ")}` : "";
  const more = targets.length > 3 ? ` and ${targets.length - 3} more` : "";
  return `${what}${whom}${more}, by ${named(event.actor)}`;
}

/** Return what was changed, as Okta names it. */
export function changedAttributes(event) {
  const value = event?.debugContext?.debugData?.changedAttributes;
  if (Array.isArray(value)) return value.map(textOf);
  return typeof value === "string" && value ? value.split(",").map((each) => each.trim()) : [];
}

/** Return what a record is, in one word, and how it looks. */
export function mark(record) {
  if (record.kind === "canary") return ["canary", "quiet"];
  if (record.kind === "verification") return ["verification", "quiet"];
  const looks = { stored: "plain", duplicate: "quiet", refused: "bad", malformed: "bad", forwarded: "good", failed: "bad" };
  if (record.status === "stored" && record.forwards.some((each) => each.state === "waiting")) return ["waiting", "warn"];
  return [record.status, looks[record.status] ?? "plain"];
}
