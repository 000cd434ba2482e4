// A session turn by turn, and its events as a table.

import { h, said, setText } from "./dom.js";
import * as format from "./format.js";
import * as words from "./words.js";
import { rows } from "./lanes.js";

/** An answer that began later than people wait in silence. */
const SLOW_ANSWER = 2;

/** Draws the turns; keeps the elements of those that did not change. */
export class Story {
  constructor(chosen) {
    this.node = h("ol", { class: "turns" });
    this.cards = new Map();
    this.chosen = chosen;
  }

  /** - isReversed: newest first, for live sessions. */
  update(model, isReversed) {
    const wanted = model.items.map((item, place) => {
      const key = item.kind === "turn" ? `turn ${item.n ?? `at ${item.from}`}` : `note ${place} ${item.t}`;
      const print = JSON.stringify(item);
      let card = this.cards.get(key);
      if (!card || card.print !== print) {
        card = { print, node: item.kind === "turn" ? this.turn(item, model) : between(item) };
        this.cards.set(key, card);
      }
      card.isWanted = true;
      return card.node;
    });
    for (const [key, card] of this.cards) {
      if (!card.isWanted) this.cards.delete(key);
      card.isWanted = false;
    }
    if (isReversed) wanted.reverse();
    const isSame = wanted.length === this.node.childElementCount
      && wanted.every((node, place) => this.node.children[place] === node);
    if (!isSame) this.node.replaceChildren(...wanted);
    if (!wanted.length) this.node.replaceChildren(h("li", { class: "between" }, "Nobody has said anything yet."));
  }

  turn(item, model) {
    const isRunning = item.outcome === null && model.isLive;
    const outcome = words.turnOutcome(item.outcome);
    const title = item.n === null ? "Next turn" : `Turn ${item.n}`;
    const facts = [];
    const sums = item.turn;
    if (item.firstSound !== null && item.firstSound !== undefined) {
      facts.push(h("span", { class: item.firstSound > SLOW_ANSWER ? "slow" : null }, `first sound ${format.duration(item.firstSound)}`));
    }
    if (sums) {
      const { tokens } = sums;
      if (tokens.total) facts.push(h("span", { title: tokenTitle(tokens) }, `${format.count(tokens.total)} tokens`));
      if (sums.estimated_tokens) facts.push(h("span", {}, `${format.count(sums.estimated_tokens)} estimated`));
      if (sums.cost_usd) facts.push(h("span", {}, format.dollars(sums.cost_usd)));
      if (sums.remedy_cost_usd) facts.push(h("span", { class: "slow" }, `${format.dollars(sums.remedy_cost_usd)} for remedies`));
    }
    return h("li", { class: isRunning ? "turn running" : "turn", "data-turn": item.n },
      h("header", {},
        h("h3", {}, h("button", { type: "button", title: "Show in the timeline", onclick: () => this.chosen(item) }, title)),
        h("span", { class: "muted" }, format.offset(item.from)), h("time", { class: "muted" }, format.clock(new Date(model.started + item.from * 1000))),
        h("span", { class: "pill", "data-tone": isRunning ? "good" : outcome.tone }, isRunning ? "now" : item.outcome === null ? "unanswered" : outcome.label),
        sums?.input && sums.input !== "audio" ? h("span", { class: "pill" }, sums.input) : null,
        ...[...new Set(sums?.remedies ?? [])].map(remedy => h("span", { class: "pill", "data-tone": "warn" }, said(remedy))),
        h("span", { class: "facts" }, facts)),
      h("dl", { class: "said" },
        speech("user", "User", item.user, isRunning), this.notes(item), tools(item), speech("gemini", "Gemini", item.model, isRunning)));
  }

  notes(item) {
    if (!item.notes.length) return null;
    return [h("dt", { class: "proxy" }, "Turnkeeper"), h("dd", {}, h("ul", { class: "notes" }, item.notes.map(line)))];
  }

  light(number) {
    let found = null;
    for (const node of this.node.children) {
      const isLit = number !== null && node.dataset.turn === String(number);
      node.classList.toggle("lit", isLit);
      if (isLit) found = node;
    }
    return found;
  }
}

function speech(who, name, text, isRunning) {
  const trimmed = (text ?? "").trim();
  if (!trimmed && isRunning) return null;
  return [
    h("dt", { class: who }, name),
    trimmed ? h("dd", {}, said(trimmed)) : h("dd", { class: "none" }, "no transcript"),
  ];
}

function tools(item) {
  if (!item.tools?.length) return null;
  return [h("dt", { class: "proxy" }, "Tools"), h("dd", {}, h("ul", { class: "notes" }, item.tools.map(({ call, from, to }) =>
    h("li", { "data-tone": call.outcome === "answered" ? "" : call.outcome === "open" ? "warn" : "bad" },
      h("span", { class: "t" }, format.offset(from)), h("b", {}, said(call.name)),
      h("span", {}, `${call.outcome}${call.answered ? ` in ${format.duration(to - from)}` : ""} `,
        call.arguments ? h("code", {}, said(call.arguments)) : null)))))];
}

/** What a note says beyond its label. */
function more(note) {
  return note.text.toLowerCase() === note.label.toLowerCase() ? "" : said(note.text);
}

function line(note) {
  return h("li", { "data-tone": note.tone },
    h("span", { class: "t" }, format.offset(note.t)), h("b", {}, note.label),
    h("span", { class: "muted" }, more(note), note.count > 1 ? ` (${format.count(note.count)} times in this session)` : ""));
}

function between(note) {
  return h("li", { class: "between", "data-tone": note.tone },
    h("span", { class: "t" }, format.offset(note.t)), h("b", {}, note.label),
    h("span", {}, more(note), note.count > 1 ? ` (${format.count(note.count)} times in this session)` : ""));
}

function tokenTitle(tokens) {
  const parts = [];
  for (const direction of ["prompt", "response"]) {
    for (const [modality, number] of Object.entries(tokens[direction] ?? {})) {
      if (number) parts.push(`${direction} ${modality}: ${format.count(number)}`);
    }
  }
  for (const kind of ["thoughts", "cached", "tool_use"]) {
    if (tokens[kind]) parts.push(`${kind.replace("_", " ")}: ${format.count(tokens[kind])}`);
  }
  return parts.join("\n");
}

/** Every event in order: the content of the timeline as text, to read or copy. */
export class EventTable {
  constructor() {
    this.filter = h("input", { type: "search", placeholder: "Filter events", "aria-label": "Filter events", spellcheck: "false",
      oninput: () => this.refill() });
    this.number = h("span", { class: "muted", role: "status" });
    this.body = h("tbody", {});
    this.node = h("div", {}, h("div", { class: "events-bar" }, this.filter, this.number),
      h("div", { class: "scroller" }, h("table", { class: "events" },
        h("caption", { class: "hidden" }, "All events of the session, in order"),
        h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "num" }, "Time"), h("th", { scope: "col", class: "num" }, "Clock"), h("th", { scope: "col" }, "Lane"),
          h("th", { scope: "col" }, "Event"), h("th", { scope: "col" }, "Details"))), this.body)));
    this.events = [];
    this.length = 0;
    this.prints = [];
  }

  /** - started: of the session, in milliseconds. */
  update(events, started = this.started) {
    this.started = started;
    if (events === this.events && events.length === this.length) return;
    this.events = events;
    this.length = events.length;
    const text = this.filter.value.trim().toLowerCase();
    const all = rows(events);
    const shown = text ? all.filter(event => `${event.what} ${words.event(event.what).label} ${event.lane} ${event.text}`.toLowerCase().includes(text)) : all;
    // Utterances grow and repetitions are counted; rows before the first change stay as they are.
    const prints = shown.map(event => `${event.t} ${event.what} ${event.count} ${event.text}`);
    let same = 0;
    while (same < prints.length && prints[same] === this.prints[same]) same += 1;
    while (this.body.childElementCount > same) this.body.lastElementChild.remove();
    this.body.append(...shown.slice(same).map(event => row(event, started)));
    this.prints = prints;
    setText(this.number, text ? `${format.count(shown.length)} of ${format.plural(all.length, "row")}` : `${format.plural(all.length, "row")} for ${format.plural(events.length, "event")}`);
  }

  refill() {
    this.length = -1;
    this.update(this.events);
  }
}

function row(event, started) {
  const { label, tone, meaning } = words.event(event.what);
  const isTold = tone === "bad" || tone === "warn" || tone === "good";
  return h("tr", { "data-lane": event.lane, "data-tone": isTold ? tone : null },
    h("td", { class: "t" }, format.offset(event.t)), h("td", { class: "t" }, format.clock(new Date(started + event.t * 1000))),
    h("td", { class: "lane" }, words.laneName(event.lane)), h("td", { class: "what", title: meaning }, label),
    h("td", { class: "text" }, said(event.text), event.count > 1 ? h("span", { class: "muted" }, ` (${format.count(event.count)} times)`) : null));
}
