// Labels and tones for the timeline's words. A word that is not in the tables is shown as it is, in
// plain colours.

/** Tones: good, warn, bad, user, gemini, plain. */
const STATES = {
  connecting: ["Connecting", "plain"],
  idle: ["Idle", "good"],
  listening: ["User speaking", "user"],
  thinking: ["Waiting for Gemini", "gemini"],
  tool: ["Waiting for a tool", "gemini"],
  speaking: ["Gemini speaking", "gemini"],
  stalled: ["Stalled", "bad"],
  recovering: ["Recovering", "bad"],
  parked: ["Client away", "warn"],
  failing: ["Giving up", "bad"],
  ending: ["Ending", "plain"],
};

const OUTCOMES = {
  completed: ["Completed", "plain"],
  client_closed: ["Left early", "plain"],
  gemini_closed: ["Gemini closed", "bad"],
  unanswered: ["Unanswered", "bad"],
  unreachable: ["Unreachable", "bad"],
  client_fault: ["Client fault", "warn"],
  limit: ["Limit reached", "warn"],
  stopped: ["Stopped", "warn"],
  unfinished: ["Unfinished", "warn"],
};

const TURN_OUTCOMES = {
  answered: ["answered", "good"],
  interrupted: ["interrupted", "plain"],
  silent: ["silent", "plain"],
  lost: ["lost", "bad"],
};

/** Label, tone, and the sign in the timeline. */
const EVENTS = {
  stalled: ["Stalled", "bad", "stall"],
  nudged: ["Nudged", "warn", "nudge"],
  reconnecting: ["Reconnecting", "warn", "turn"],
  reconnected: ["Reconnected", "good", "turn"],
  replayed: ["Replayed", "warn", "replay"],
  rebuilt: ["Rebuilt", "warn", "rebuild"],
  recovered: ["Recovered", "good", "turn"],
  retrying: ["Retrying", "warn", "turn"],
  reconnect_failed: ["Reconnect failed", "bad", "cross"],
  nudge_ended: ["Nudge", "plain", "rule"],
  seeded: ["Context restored", "warn", "rebuild"],
  context_lost: ["Context lost", "bad", "down"],
  input_held: ["Input held", "plain", "rule"],
  reply_cut: ["Reply cut", "warn", "cut"],
  gave_up: ["Gave up", "bad", "cross"],
  parked: ["Client away", "warn", "pause"],
  unparked: ["Client back", "good", "play"],
  fell_back: ["Fell back", "warn", "down"],
  held: ["Held", "plain", "pause"],
  dial_failed: ["Dial failed", "bad", "cross"],
  closed: ["Closed", "plain", "close"],
  go_away: ["Go away", "warn", "down"],
  malformed: ["Malformed", "bad", "cross"],
  input_dropped: ["Input dropped", "warn", "rule"],
  ended: ["Ended", "plain", "close"],
  dialing: ["Dialing", "plain", "rule"],
  connected: ["Connected", "plain", "rule"],
  set_up: ["Setup", "plain", "rule"],
  setup_completed: ["Setup complete", "plain", "rule"],
  activity_started: ["User starts", "user", null],
  activity_ended: ["User ends", "user", null],
  turn_started: ["User asked", "user", null],
  first_audio: ["First sound", "gemini", null],
  turn_ended: ["Turn ended", "gemini", null],
  input_transcription: ["User said", "user", null],
  output_transcription: ["Gemini said", "gemini", null],
  tool_called: ["Tool called", "gemini", null],
  tool_answered: ["Tool answered", "user", null],
  tool_cancelled: ["Tool cancelled", "warn", null],
};

/** Trouble and remedies; drawn separately from everything else. */
export const REMEDIES = new Set([
  "stalled", "nudged", "reconnecting", "reconnected", "recovered", "replayed", "rebuilt", "gave_up",
  "retrying", "reconnect_failed", "seeded", "context_lost", "reply_cut", "parked", "unparked", "fell_back",
]);

const LANES = { client: "User", gemini: "Gemini", turnkeeper: "Turnkeeper" };

/** `audio_outside_activity` as people write it. */
function spelledOut(word) {
  const text = String(word ?? "").replaceAll("_", " ").slice(0, 80);
  return text ? text[0].toUpperCase() + text.slice(1) : "Unnamed";
}

const has = (table, key) => Object.hasOwn(table, key ?? "");
const look = (table, key) => has(table, key) ? table[key] : [spelledOut(key), "plain"];

export const state = word => ({ label: look(STATES, word)[0], tone: look(STATES, word)[1] });
export const outcome = word => ({ label: look(OUTCOMES, word)[0], tone: look(OUTCOMES, word)[1] });
export const turnOutcome = word =>
  ({ label: look(TURN_OUTCOMES, word)[0], tone: look(TURN_OUTCOMES, word)[1] });
export const laneName = lane => has(LANES, lane) ? LANES[lane] : LANES.turnkeeper;

export function event(word) {
  if (has(EVENTS, word)) {
    const [label, tone, sign] = EVENTS[word];
    return { label, tone, sign };
  }
  return { label: spelledOut(word), tone: "plain", sign: "rule" };
}

/** A longer wait for an answer is worth attention, though nothing is wrong yet. */
export const SLOW_SECONDS = 5;

/** How much attention a session needs: bad, warn, or "". */
export function concern(session, now = Date.now()) {
  if (session.ended) return "";
  const { tone } = state(session.state);
  if (tone === "bad" || tone === "warn") return tone;
  const seconds = (now - Date.parse(session.state_since)) / 1000;
  return session.state === "thinking" && seconds > SLOW_SECONDS ? "warn" : "";
}

/** Close codes, as defined by RFC 6455 and used by the service. */
const CODES = {
  1000: "normal", 1001: "going away", 1005: "no code", 1006: "no close frame", 1007: "invalid message",
  1008: "policy violation", 1009: "message too large", 1011: "internal error", 1012: "restarting",
  1013: "try again later",
};

export function close(code, reason) {
  if (code === null || code === undefined) return "no close";
  const meaning = reason || CODES[code] || "";
  return meaning ? `${code} ${meaning}` : String(code);
}
