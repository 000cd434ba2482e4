// The list of sessions. Only visible rows have elements.

import { announce, byId, coalesced, h, said, setData, setText } from "./dom.js";
import * as format from "./format.js";
import * as api from "./api.js";
import * as words from "./words.js";

const ROW = 60;
const GROUP = 30;
const PAGE = 200;
/** Rows drawn above and below the visible ones. */
const MARGIN = 6;
/** A row under the pointer stays where it is. */
const STEADY = 4000;
/** Trouble that is over stays on top for a while, so that it can be read. */
const LINGER = 6000;

const begins = value => value ? `${value}*` : "";
const code = value => /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? value.length > 3 ? value : `${value}*` : "";
const FIELDS = {
  tenant: { name: "tenant", read: begins }, model: { name: "model", read: value => value },
  code: { name: "close_code", read: code }, close: { name: "close_code", read: code },
  outcome: { name: "outcome", read: value => begins(value.toLowerCase()) },
};

export class SessionList {
  constructor(open) {
    this.root = byId("list");
    this.foot = byId("list-foot");
    this.open = open;
    this.sessions = new Map();
    this.lastTrouble = new Map();
    this.lines = [];
    this.places = new Map();
    this.rows = new Map();
    this.active = null;
    this.selected = null;
    this.filter = "";
    this.query = "";
    this.next = null;
    this.problem = null;
    this.isLoading = false;
    this.generation = 0;
    this.steadyUntil = 0;
    this.space = h("div", { class: "space", role: "presentation" });
    this.root.append(this.space);
    this.draw = coalesced(() => this.drawNow());
    const steady = () => { this.steadyUntil = Date.now() + STEADY; };
    this.root.addEventListener("pointermove", steady);
    this.root.addEventListener("pointerleave", () => { this.steadyUntil = 0; });
    this.root.addEventListener("scroll", () => { this.loadMore(); this.draw(); }, { passive: true });
    this.root.addEventListener("click", event => this.clicked(event));
    this.root.addEventListener("keydown", event => this.pressed(event));
    new ResizeObserver(() => this.draw()).observe(this.root);
    setInterval(() => this.arrange(), 1000);
  }

  // ---- Data

  /** The query, in the API's form. */
  parameters() {
    const asked = new URLSearchParams();
    if (this.filter === "live" || this.filter === "ended") asked.set("state", this.filter);
    if (this.filter === "trouble") asked.set("trouble", "1");
    const text = [];
    // `said:` takes the rest, because people say several words.
    const [, before, words] = /^(.*?)(?:^|\s)(?:said|words):(.*)$/.exec(this.query) ?? [null, this.query, ""];
    if (words.trim()) asked.set("words", words.trim());
    for (const word of before.split(/\s+/).filter(Boolean)) {
      const [, name, value] = /^(\w+):(.*)$/.exec(word) ?? [];
      const field = Object.hasOwn(FIELDS, name ?? "") ? FIELDS[name] : null;
      if (!field) { text.push(word); continue; }
      // What is typed half restricts as far as it goes.
      const given = field.read(value);
      if (given) asked.set(field.name, given);
      // No session has it.
      else if (value) text.push(word);
    }
    if (text.length) asked.set("q", text.join(" "));
    return asked;
  }

  async load() {
    const generation = ++this.generation;
    this.isLoading = true;
    this.problem = null;
    this.foot.textContent = "Loading";
    try {
      const asked = this.parameters();
      const pages = [];
      asked.set("limit", String(PAGE));
      // All live sessions are loaded, however old they are.
      if (!asked.has("state") && !asked.has("outcome")) {
        const live = new URLSearchParams(asked);
        live.set("state", "live");
        live.set("limit", "1000");
        pages.push(api.page(`api/sessions?${live}`));
      }
      pages.push(api.page(`api/sessions?${asked}`));
      const answers = await Promise.all(pages);
      if (generation !== this.generation) return;
      this.sessions.clear();
      for (const answer of answers) for (const row of answer.rows) this.sessions.set(row.id, row);
      this.next = answers.at(-1).next;
      this.root.scrollTop = 0;
    } catch (problem) {
      if (generation !== this.generation) return;
      this.problem = problem;
      this.sessions.clear();
      this.next = null;
    }
    this.isLoading = false;
    this.steadyUntil = 0;
    this.arrange();
    if (this.query || this.filter) announce(this.footText());
  }

  async loadMore() {
    const isNearEnd = this.root.scrollTop + this.root.clientHeight * 2 > this.space.offsetHeight;
    if (!this.next || this.isLoading || !isNearEnd) return;
    const generation = this.generation;
    this.isLoading = true;
    try {
      const answer = await api.page(this.next);
      if (generation !== this.generation) return;
      for (const row of answer.rows) if (!this.sessions.has(row.id)) this.sessions.set(row.id, row);
      this.next = answer.next;
    } catch (problem) {
      setText(this.foot, problem.message);
      this.next = null;
    } finally {
      if (generation === this.generation) this.isLoading = false;
    }
    this.arrange();
  }

  /** Changed sessions. New ones are added only if the list is not filtered. */
  hear(news) {
    for (const session of news) {
      const before = this.sessions.get(session.id);
      const isWanted = this.filter === "" || this.filter === "live" && !session.ended
        || this.filter === "trouble" && words.wasInTrouble(session);
      if (before || isWanted && !this.query) this.sessions.set(session.id, session);
      if (before && words.concern(session) === "bad" && words.concern(before) !== "bad") {
        announce(`Session ${session.id.slice(0, 8)} of ${session.tenant}: ${words.state(session.state).label}`);
      }
    }
    this.arrange();
  }

  // ---- Order

  arrange() {
    const now = Date.now();
    const groups = { trouble: [], over: [], live: [], ended: [] };
    for (const session of this.sessions.values()) {
      const isBad = words.concern(session, now) === "bad";
      if (isBad) this.lastTrouble.set(session.id, now);
      const wasBad = now - (this.lastTrouble.get(session.id) ?? 0) < LINGER;
      if (session.ended) this.lastTrouble.delete(session.id);
      groups[session.ended ? "ended" : isBad ? "trouble" : wasBad ? "over" : "live"].push(session);
    }
    const isSteady = now < this.steadyUntil && this.lines.length > 0;
    if (!isSteady) {
      const newest = (a, b) => a.started < b.started ? 1 : a.started > b.started ? -1 : a.id < b.id ? -1 : 1;
      const lines = [];
      let top = 0;
      for (const [name, label, tone] of
        [["trouble", "Need attention", "bad"], ["over", "Just recovered", ""], ["live", "Live", ""], ["ended", "Ended", ""]]) {
        if (!groups[name].length) continue;
        lines.push({ top, height: GROUP, label, tone, number: groups[name].length });
        top += GROUP;
        for (const session of groups[name].sort(newest)) {
          lines.push({ top, height: ROW, id: session.id });
          top += ROW;
        }
      }
      this.lines = lines;
      this.places = new Map();
      this.order = lines.filter(line => line.id);
      this.order.forEach((line, place) => this.places.set(line.id, place));
      this.height = top;
    }
    this.draw();
  }

  // ---- Drawing

  drawNow() {
    const isEmpty = !this.order?.length;
    if (isEmpty) return this.drawEmpty();
    if (this.emptyWord !== undefined) { this.space.replaceChildren(); this.rows.clear(); this.emptyWord = undefined; }
    this.space.style.height = `${this.height}px`;
    const top = this.root.scrollTop - MARGIN * ROW;
    const bottom = this.root.scrollTop + this.root.clientHeight + MARGIN * ROW;
    const seen = new Set();
    let low = 0;
    let high = this.lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.lines[middle].top + this.lines[middle].height < top) low = middle + 1; else high = middle;
    }
    for (let place = low; place < this.lines.length && this.lines[place].top < bottom; place += 1) {
      const line = this.lines[place];
      const key = line.id ?? `group ${line.label}`;
      seen.add(key);
      let row = this.rows.get(key);
      if (!row) {
        row = line.id ? newRow(line.id) : newGroup();
        this.rows.set(key, row);
        this.space.append(row.node);
      }
      if (row.top !== line.top) row.node.style.transform = `translateY(${row.top = line.top}px)`;
      if (line.id) this.drawRow(row, line.id); else drawGroup(row, line);
    }
    for (const [key, row] of this.rows) {
      if (!seen.has(key)) { row.node.remove(); this.rows.delete(key); }
    }
    if (this.active && seen.has(this.active)) this.root.setAttribute("aria-activedescendant", `s-${this.active}`);
    else this.root.removeAttribute("aria-activedescendant");
    setText(this.foot, this.footText());
  }

  drawRow(row, id) {
    const session = this.sessions.get(id);
    if (!session) return;
    const now = Date.now();
    const { node } = row;
    const isLive = !session.ended;
    const concern = words.concern(session, now);
    const state = words.state(session.state);
    node.classList.toggle("live", isLive);
    node.classList.toggle("active", this.active === id);
    setData(node, "tone", concern || (isLive ? "" : toneOfEnd(session)));
    setData(node, "state", isLive ? session.state : "");
    node.setAttribute("aria-selected", String(this.selected === id));
    node.setAttribute("aria-setsize", String(this.next ? -1 : this.order.length));
    node.setAttribute("aria-posinset", String((this.places.get(id) ?? 0) + 1));
    const wait = (now - Date.parse(session.state_since)) / 1000;
    setText(row.doing, isLive
      ? concern ? `${state.label} ${format.running(wait)}` : state.label
      : endWord(session));
    setText(row.tenant, session.tenant);
    setText(row.model, format.model(session.model));
    const age = isLive
      ? format.running((now - Date.parse(session.started)) / 1000)
      : format.ago(session.started, now);
    setText(row.age, age);
    const troubles = words.total(session.remedies, "trouble");
    setText(row.troubles, troubles ? `trouble ×${format.count(troubles)} · ` : "");
    row.troubles.title = [...words.counts(session.remedies, "trouble"), ...words.counts(session.remedies, "remedy")].map(({ text }) => text).join(", ");
    setText(row.sums, `${format.plural(session.turn_count, "turn")} · ${format.dollars(session.cost_usd)}`);
  }

  drawEmpty() {
    const word = this.problem ? `problem ${this.problem.message}` : this.isLoading ? "loading"
      : this.query ? `nothing found ${this.query}` : this.filter || "none";
    setText(this.foot, "");
    if (this.emptyWord === word) return;
    this.emptyWord = word;
    this.rows.clear();
    this.space.style.height = "auto";
    this.space.replaceChildren(h("div", { class: "empty" }, ...this.emptyText(word)));
  }

  emptyText(word) {
    if (word === "loading") return [h("p", {}, "Loading")];
    if (this.problem) {
      return [h("h2", {}, "The sessions cannot be loaded"), h("p", {}, said(this.problem.message)),
        h("button", { type: "button", onclick: () => this.load() }, "Try again")];
    }
    if (this.query) {
      return [h("h2", {}, "Nothing found"),
        h("p", {}, "No session matches ", said(`“${this.query}”`), " by tenant, model, words that were said, start of id, or close code.")];
    }
    switch (this.filter) {
      case "live": return [h("h2", {}, "No live sessions"), h("p", {}, "Live sessions appear here automatically.")];
      case "trouble": return [h("h2", {}, "No trouble"), h("p", {}, "No session in the ledger has been in trouble.")];
      default: return [h("h2", {}, "No sessions yet"),
        h("p", {}, "Point a client at this proxy, and its session appears here."),
        h("pre", {}, "turnkeeper demo    # a conversation without a client of yours")];
    }
  }

  footText() {
    if (!this.order?.length) return this.query ? "Nothing found" : "";
    const number = format.plural(this.order.length, "session");
    return this.next ? `${number} loaded, scroll for older ones` : number;
  }

  // ---- Keys and clicks

  clicked(event) {
    const row = event.target.closest(".row");
    if (!row) return;
    this.active = row.dataset.id;
    this.select(row.dataset.id);
    this.open(row.dataset.id);
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.order?.length) return;
    const step = Math.max(1, Math.floor(this.root.clientHeight / ROW) - 1);
    const place = this.places.get(this.active) ?? -1;
    const moves = {
      ArrowDown: place + 1, j: place + 1, ArrowUp: place - 1, k: place - 1, Home: 0,
      End: this.order.length - 1, PageDown: place + step, PageUp: place - step,
    };
    if (event.key === "Enter" || event.key === " ") {
      if (this.active) { this.select(this.active); this.open(this.active, true); }
    } else if (event.key in moves) {
      this.move(moves[event.key]);
    } else {
      return;
    }
    event.preventDefault();
  }

  move(place) {
    const line = this.order[Math.max(0, Math.min(this.order.length - 1, place))];
    if (!line) return;
    this.active = line.id;
    this.steadyUntil = Date.now() + STEADY;
    const view = this.root;
    if (line.top - GROUP < view.scrollTop) view.scrollTop = line.top - GROUP;
    else if (line.top + ROW > view.scrollTop + view.clientHeight) view.scrollTop = line.top + ROW - view.clientHeight;
    this.drawNow();
  }

  /** From outside the list: the next or previous session. */
  step(by) {
    if (!this.order?.length) return;
    this.root.focus();
    this.move((this.places.get(this.active) ?? (by > 0 ? -1 : this.order.length)) + by);
  }

  /** Opens the only session there is. */
  openOnly() {
    if (this.order?.length !== 1 || this.next) return false;
    this.open(this.order[0].id, true);
    return true;
  }

  select(id) {
    this.selected = id;
    if (id) this.active = id;
    this.draw();
  }
}

function newRow(id) {
  const row = { top: -1 };
  row.doing = h("span", { class: "doing" });
  row.tenant = h("bdi", {});
  row.age = h("span", {});
  row.model = h("bdi", {});
  row.troubles = h("span", { class: "trouble" });
  row.sums = h("span", {});
  row.node = h("div", { class: "row", role: "option", id: `s-${id}`, "data-id": id },
    h("i", { class: "mark", "aria-hidden": "true" }),
    h("span", {}, h("span", { class: "who" }, h("b", {}, row.tenant), " · ", row.model), row.doing),
    h("span", {}, h("span", { class: "id", title: id }, row.age, " · ", h("code", {}, said(id.slice(0, 10)))),
      h("span", { class: "sums" }, row.troubles, row.sums)));
  return row;
}

function newGroup() {
  const row = { top: -1, label: h("span", {}), number: h("span", {}) };
  row.node = h("div", { class: "group", role: "presentation" }, row.label, row.number);
  return row;
}

function drawGroup(row, line) {
  setText(row.label, line.label);
  setText(row.number, format.count(line.number));
  setData(row.node, "tone", line.tone);
}

function toneOfEnd(session) {
  const { tone } = words.outcome(session.outcome);
  return tone === "bad" ? "warn" : "";
}

function endWord(session) {
  const label = words.outcome(session.outcome).label;
  const code = session.client_close?.code;
  return code && code !== 1000 ? `${label} ${code}` : label;
}
