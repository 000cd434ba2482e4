// Labels and tones. Those of the timeline's words come from the program's dictionary; a word that is
// in no table is shown as it is, in plain colours.

import { WORDS } from "./dictionary.js";

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
  refused: ["Refused", "warn"],
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

const NODES = {
  serving: ["Serving", "good"],
  draining: ["Draining", "warn"],
  silent: ["Silent", "bad"],
};

const LANES = { client: "User", gemini: "Gemini", turnkeeper: "Turnkeeper" };

/** `audio_outside_activity` as people write it. */
function spelledOut(word) {
  const text = String(word ?? "").replaceAll("_", " ").slice(0, 80);
  return text ? text[0].toUpperCase() + text.slice(1) : "Unnamed";
}

const has = (table, key) => Object.hasOwn(table, key ?? "");
const look = (table, key) => has(table, key) ? table[key] : [spelledOut(key), "plain"];

export const state = word => ({ label: look(STATES, word)[0], tone: look(STATES, word)[1] });
/** As `trouble=1` asks the ledger: something went wrong in it, or it ended badly. */
export const wasInTrouble = session => Object.keys(session.remedies ?? {}).length > 0
  || ["gemini_closed", "unanswered", "refused", "limit", "unfinished"].includes(session.outcome);
export const outcome = word => ({ label: look(OUTCOMES, word)[0], tone: look(OUTCOMES, word)[1] });
export const turnOutcome = word =>
  ({ label: look(TURN_OUTCOMES, word)[0], tone: look(TURN_OUTCOMES, word)[1] });
export const node = word => ({ label: look(NODES, word)[0], tone: look(NODES, word)[1] });
export const laneName = lane => has(LANES, lane) ? LANES[lane] : LANES.turnkeeper;

/** A word of a timeline: label, tone, sign, kind, role, meaning, and the bands that it begins and ends. */
export function event(word) {
  return has(WORDS, word) ? WORDS[word]
    : { label: spelledOut(word), tone: "plain", sign: "tick", kind: "rule", role: "none", meaning: "", begins: null, ends: [] };
}

/** What a session suffered, or what was done about it: `2 × stalled`, of its counts by word. */
export function counts(remedies, kind) {
  return Object.entries(remedies ?? {}).filter(([word]) => event(word).kind === kind)
    .map(([word, times]) => ({ times, text: `${times} × ${event(word).label.toLowerCase()}` }));
}

export const total = (remedies, kind) => counts(remedies, kind).reduce((sum, { times }) => sum + times, 0);

/** States in which a session needs attention. */
export const needsAttention = word => state(word).tone === "bad";

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
