// Converts a session's events to bars, waits, trouble, marks and turns.

import * as words from "./words.js";

/** Steps towards a connection, of which only the last matters. */
const STEPS = new Set(["dialing", "connected", "set_up", "setup_completed"]);
const STARTS = new Set(["activity_started", "turn_started", "input_transcription"]);
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
    const turn = Number(/^turn (\d+)/.exec(event.text)?.[1] ?? NaN);
    if (!what.endsWith("_transcription")) model.stops.push(stop(event, index));
    switch (what) {
      case "activity_started":
        open.unasked = null;
        shut("user", model.users, t);
        open.user = { from: t };
        break;
      case "activity_ended": shut("user", model.users, t); break;
      case "input_transcription":
        if (!open.user && !open.wait && !open.gemini) open.unasked ??= Math.max(0, t - HEARD_AFTER);
        break;
      case "turn_started":
        if (open.unasked !== null) model.users.push({ from: open.unasked, to: t, turn });
        open.unasked = null;
        if (model.users.length && model.users.at(-1).turn === undefined) model.users.at(-1).turn = turn;
        open.wait = { from: t, turn };
        break;
      case "first_audio":
        shut("wait", model.waits, t);
        shut("gemini", model.geminis, t);
        open.gemini = { from: t, turn };
        break;
      case "turn_ended": {
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
  const begin = (kind, tone) => { open.trouble ??= { from: t, kind, tone }; };
  const finish = kinds => {
    if (!open.trouble || !kinds.includes(open.trouble.kind)) return;
    model.troubles.push({ ...open.trouble, to: t });
    open.trouble = null;
  };
  switch (what) {
    case "stalled": begin("stall", "bad"); break;
    case "reconnecting": begin("link", "bad"); break;
    case "parked": begin("park", "warn"); break;
    case "unparked": finish(["park"]); break;
    case "reconnected": case "rebuilt": finish(["link"]); break;
    case "recovered": finish(["stall", "link"]); break;
    case "first_audio": case "turn_ended": finish(["stall", "link"]); break;
    case "ended": finish(["stall", "link", "park"]); break;
    default: break;
  }
}

/** Events with signs, and the proxy's actions as ticks. */
function mark(model, event, index) {
  const { label, tone, sign } = words.event(event.what);
  if (!sign) return;
  const isTold = words.REMEDIES.has(event.what) || sign !== "rule";
  if (!isTold && event.lane !== "turnkeeper") return;
  model.marks.push({ t: event.t, index, label, tone: isTold ? tone : "rule", sign, text: event.text });
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
  }

  hear(event, number) {
    const { what, t } = event;
    const isOfTurn = STARTS.has(what) || what === "output_transcription" || what === "first_audio";
    if (!this.turn && isOfTurn && what !== "output_transcription") {
      this.turn = { kind: "turn", n: null, from: t, user: "", model: "", notes: [], outcome: null, tools: [] };
      this.items.push(this.turn);
    }
    switch (what) {
      case "activity_started": case "activity_ended": case "tool_called": case "tool_answered":
      case "first_audio":
        break;
      case "turn_started": this.turn.n = number; break;
      case "input_transcription": this.turn.user += spoken(event.text); break;
      case "output_transcription":
        if (this.turn) this.turn.model += spoken(event.text);
        break;
      case "turn_ended":
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
    const { label, tone } = words.event(event.what);
    const note = { t: event.t, what: event.what, label, tone, text: event.text, count: 1 };
    const place = this.turn ? this.turn.notes : this.items;
    const before = place.at(-1);
    if (before?.what === event.what && !words.REMEDIES.has(event.what)) before.count += 1;
    else if (!this.turn && before?.kind === "note" && before.tone === "plain" && STEPS.has(event.what) && STEPS.has(before.what)) {
      // The steps that lead to a connection are shown as one.
      before.label += `, ${label.toLowerCase()}`;
      before.text = event.text;
    }
    else place.push(this.turn ? note : { kind: "note", ...note });
  }
}

/** `heard: ` and `says: ` are for terminals. */
const spoken = text => text.replace(/^(?:heard|says): /, "");
