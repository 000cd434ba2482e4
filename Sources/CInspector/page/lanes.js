// Converts a session's events to bars, waits, trouble, marks and turns.

import * as words from "./words.js";

/** Roles that can begin a turn. */
const STARTS = new Set(["user-begins", "asks", "heard", "sounds"]);
/** Speech is transcribed with a small delay. */
const HEARD_AFTER = 0.3;

/** The model of a session, from its sums and all its events, up to a moment. */
export function build(sums, events, now) {
  const started = Date.parse(sums.started);
  const at = text => text ? (Date.parse(text) - started) / 1000 : null;
  const isLive = !sums.ended;
  const last = events.length ? events[events.length - 1].t : 0;
  const end = Math.max(isLive ? (now - started) / 1000 : at(sums.ended), last, 1);
  const model = {
    started, end, isLive, users: [], geminis: [], waits: [], tools: [], troubles: [], marks: [],
    links: [], costs: [], stops: [], items: [],
  };
  fold(model, events);
  addConnections(model, sums, at);
  addTools(model, sums, at);
  addTurns(model, sums, at);
  return model;
}

function fold(model, events) {
  const open = { user: null, gemini: null, wait: null, trouble: null, unasked: null };
  const story = new Story(model.items);
  const shut = (kind, list, t, more) => {
    if (open[kind]) list.push({ ...open[kind], to: t, ...more });
    open[kind] = null;
  };
  events.forEach((event, index) => {
    const { t, what } = event;
    const said = /^turn (\d+)/.exec(event.text)?.[1];
    const turn = said ? Number(said) : null;
    const { role } = words.event(what);
    if (role !== "heard" && role !== "says") model.stops.push(stop(event, index));
    switch (role) {
      case "user-begins":
        open.unasked = null;
        shut("user", model.users, t);
        open.user = { from: t };
        break;
      case "user-ends": shut("user", model.users, t); break;
      case "heard":
        if (!open.user && !open.wait && !open.gemini) open.unasked ??= Math.max(0, t - HEARD_AFTER);
        break;
      case "asks":
        if (open.unasked !== null) model.users.push({ from: open.unasked, to: t, turn });
        open.unasked = null;
        if (model.users.length && model.users.at(-1).turn === undefined) model.users.at(-1).turn = turn;
        open.wait = { from: t, turn };
        break;
      case "sounds":
        shut("wait", model.waits, t);
        shut("gemini", model.geminis, t);
        open.gemini = { from: t, turn };
        break;
      case "turn-ends": {
        const outcome = event.text.split(" ").at(-1);
        shut("wait", model.waits, t, { outcome });
        shut("gemini", model.geminis, t, { outcome });
        break;
      }
      default: break;
    }
    trouble(model, open, event);
    mark(model, event, index);
    story.hear(event, turn);
  });
  for (const [kind, list] of [["user", model.users], ["gemini", model.geminis], ["wait", model.waits],
    ["trouble", model.troubles]]) {
    shut(kind, list, model.end, { isOpen: model.isLive });
  }
}

function trouble(model, open, { t, what }) {
  const { begins, ends, tone } = words.event(what);
  if (open.trouble && ends.includes(open.trouble.kind)) {
    model.troubles.push({ ...open.trouble, to: t });
    open.trouble = null;
  }
  if (begins) open.trouble ??= { from: t, kind: begins, tone };
}

/** Events with signs, and the proxy's actions as ticks. */
function mark(model, event, index) {
  const { label, tone, sign, meaning } = words.event(event.what);
  if (sign === "none" || sign === "tick" && event.lane !== "turnkeeper") return;
  model.marks.push({ t: event.t, index, label, tone, sign, meaning, text: event.text });
}

/** The events at which arrow keys stop. */
function stop(event, index) {
  const { label } = words.event(event.what);
  return { t: event.t, index, label, lane: event.lane, text: event.text };
}

function addConnections(model, sums, at) {
  (sums.connections ?? []).forEach((connection, place) => {
    const isLast = place === sums.connections.length - 1;
    const to = at(connection.closed) ?? (isLast ? model.end : at(sums.connections[place + 1].opened));
    model.links.push({
      number: place + 1, from: Math.max(0, at(connection.opened)), to, code: connection.code,
      reason: connection.reason, resumed: connection.resumed, isOpen: !connection.closed,
    });
  });
}

function addTools(model, sums, at) {
  for (const call of sums.tool_calls ?? []) {
    model.tools.push({
      name: call.name, outcome: call.outcome, from: at(call.called),
      to: at(call.answered) ?? (call.outcome === "open" ? model.end : at(call.called) + 0.2), call,
    });
  }
}

/** Sums by turn: cumulative cost, and the ledger's transcripts. */
function addTurns(model, sums, at) {
  let total = 0;
  const byNumber = new Map();
  for (const turn of sums.turns ?? []) {
    byNumber.set(turn.n, turn);
    total += turn.cost_usd;
    model.costs.push({ t: at(turn.ended) ?? model.end, total, turn: turn.n });
  }
  for (const item of model.items) {
    if (item.kind !== "turn") continue;
    const turn = byNumber.get(item.n);
    if (!turn) continue;
    item.turn = turn;
    item.from = Math.min(item.from, at(turn.started) ?? item.from);
    item.firstSound = turn.first_audio
      ? (Date.parse(turn.first_audio) - Date.parse(turn.ended_input ?? turn.started)) / 1000 : null;
    if (turn.ended) {
      item.user = turn.transcript.user ?? item.user;
      item.model = turn.transcript.model ?? item.model;
      item.outcome = turn.outcome;
    }
    item.tools = model.tools.filter(tool => tool.from >= item.from && tool.from <= (at(turn.ended) ?? Infinity));
  }
  const said = new Map(model.items.filter(item => item.kind === "turn").map(item => [item.n, item]));
  for (const bar of model.users) bar.text = said.get(bar.turn)?.user ?? "";
  for (const bar of model.geminis) bar.text = said.get(bar.turn)?.model ?? "";
}

/** Events as turns with notes, and notes between turns. */
class Story {
  constructor(items) {
    this.items = items;
    this.turn = null;
    this.told = new Map();
  }

  hear(event, number) {
    const { t } = event;
    const { role } = words.event(event.what);
    if (!this.turn && STARTS.has(role)) {
      this.turn = { kind: "turn", n: null, from: t, user: "", model: "", notes: [], outcome: null, tools: [] };
      this.items.push(this.turn);
    }
    switch (role) {
      case "user-begins": case "user-ends": case "tool": case "sounds": break;
      case "asks": this.turn.n = number; break;
      case "typed": if (this.turn && !this.turn.user) this.turn.user = event.text; break;
      case "heard": this.turn.user = joined(this.turn.user, event); break;
      case "says":
        if (this.turn) this.turn.model = joined(this.turn.model, event);
        break;
      case "turn-ends":
        if (this.turn) {
          this.turn.n ??= number;
          this.turn.outcome = event.text.split(" ").at(-1);
        }
        this.turn = null;
        break;
      default: this.note(event);
    }
  }

  note(event) {
    const { label, tone, kind, role } = words.event(event.what);
    // What a rule does again and again is told once, with the number of times.
    const known = kind === "rule" || kind === "note" ? this.told.get(sameness(event)) : null;
    if (known) { known.count += 1; return; }
    const note = { t: event.t, what: event.what, label, tone, text: event.text, count: 1 };
    const place = this.turn ? this.turn.notes : this.items;
    const before = place.at(-1);
    const isStep = role === "step";
    if (!this.turn && before?.kind === "note" && isStep && words.event(before.what).role === "step") {
      // The steps that lead to a connection are shown as one.
      before.label = label;
      before.text = event.text;
      before.what = event.what;
      return;
    }
    const item = this.turn ? note : { kind: "note", ...note };
    if (kind === "rule" || kind === "note") this.told.set(sameness(event), item);
    place.push(item);
  }
}

/** Entries that say the same apart from numbers. */
export const sameness = event => `${event.what} ${event.text.replace(/[\d.]+( m?s)?/g, "#").replace(/^\.* ?and # more$/, "")}`;

/** `heard: ` and `says: ` are for terminals. */
export const spoken = text => text.replace(/^(?:heard|says): /, "");

/** What is not kept is said once, not for every piece. */
function joined(before, { text }) {
  const piece = spoken(text);
  return piece === "(not kept)" && before.endsWith(piece) ? before : before + piece;
}

/** The events as rows: whole utterances, and what says the same again and again only once. */
export function rows(events) {
  const found = [];
  const told = new Map();
  let open = null;
  for (const event of events) {
    const { role, kind } = words.event(event.what);
    if (role === "heard" || role === "says") {
      if (open?.what === event.what) open.text = joined(open.text, event);
      else found.push(open = { ...event, text: spoken(event.text), count: 1 });
      continue;
    }
    open = null;
    const key = kind === "rule" ? sameness(event) : null;
    const known = key && (told.get(key) ?? (/^\.\.\. and \d+ more$/.test(event.text) ? told.get(event.what) : null));
    if (known) { known.count += Number(/^\.\.\. and (\d+) more$/.exec(event.text)?.[1] ?? 1); continue; }
    const row = { ...event, count: 1 };
    if (key) { told.set(key, row); told.set(event.what, row); }
    found.push(row);
  }
  return found;
}
