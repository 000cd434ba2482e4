// One session: summary, state, timeline, turns, events, connections.

import { announce, byId, coalesced, h, said, setData, setText } from "./dom.js";
import * as format from "./format.js";
import * as api from "./api.js";
import * as words from "./words.js";
import { build } from "./lanes.js";
import { EventTable, Story } from "./story.js";
import { Timeline } from "./timeline.js";
import { Sound } from "./sound.js";

const TABS = [["story", "Turns"], ["events", "Events"], ["links", "Connections"]];
/** How often running values are redrawn. */
const BEAT = 250;

export class SessionView {
  /** - nothing: shown while no session is chosen. */
  constructor(root, nothing) {
    this.root = root;
    this.nothing = nothing;
    this.id = null;
    this.tab = "story";
    this.draw = coalesced(() => this.drawNow());
    setInterval(() => { if (this.sums && !this.sums.ended && !document.hidden) this.draw(); }, BEAT);
    this.showNothing();
  }

  open(id) {
    if (id === this.id) return;
    this.close();
    this.id = id;
    if (!id) return this.showNothing();
    this.events = [];
    this.sums = null;
    this.root.replaceChildren(h("div", { class: "empty" }, h("p", {}, "Loading")));
    this.stream = api.follow(`api/sessions/${encodeURIComponent(id)}/events`, {
      heard: (name, data) => {
        if (name === "message") this.events.push(data);
        if (name === "session") this.hear(data);
        this.draw();
      },
      failed: problem => { if (!this.sums) this.showProblem(problem); },
    });
  }

  close() {
    this.sound?.stop();
    this.sound = null;
    this.stream?.close();
    this.timeline?.close();
    this.stream = this.timeline = this.sums = this.id = null;
  }

  hear(sums) {
    if (this.sums && !this.sums.ended && sums.ended) {
      announce(`The session has ended: ${words.outcome(sums.outcome).label}`);
    }
    const isFirst = !this.sums;
    // A session that was live when opened keeps its order, so that nothing jumps when it ends.
    if (isFirst) this.isReversed = !sums.ended;
    this.sums = sums;
    if (isFirst) this.make();
  }

  // ---- Without a session

  showNothing() {
    this.root.replaceChildren(this.nothing);
  }

  showProblem(problem) {
    const isUnknown = problem.status === 404;
    this.root.replaceChildren(h("div", { class: "empty" },
      h("a", { class: "back", href: "#/" }, "All sessions"),
      h("h2", {}, isUnknown ? "Session not found" : "The session cannot be loaded"),
      h("p", {}, isUnknown
        ? "The ledger has no session with this id. It may have been deleted: --retention says how long sessions are kept."
        : said(problem.message))));
  }

  // ---- Parts

  make() {
    this.pill = h("span", { class: "pill" });
    this.subtitle = h("p", { class: "subtitle" });
    this.alarm = h("div", { class: "alarm-box", hidden: true });
    this.alarmText = h("span", {});
    this.alarmSince = h("span", { class: "since" });
    this.alarm.append(this.alarmText, this.alarmSince);
    this.figures = new Map();
    this.tiles = h("dl", { class: "tiles card" },
      ["Lasted", "Turns", "First sound", "Tokens", "Cost", "Trouble"].map(name => this.tile(name)));
    this.timeline = new Timeline(stop => this.stopped(stop));
    const { timeline } = this;
    this.sound = new Sound(this.sums.id, {
      moved: seconds => timeline.play(seconds),
      found: spans => { timeline.spans = spans; timeline.draw(); },
    });
    timeline.tools.append(this.sound.node);
    const { sound } = this;
    timeline.pointed = seconds => { if (sound.isPlaying) sound.seek(seconds); else sound.position = seconds; };
    this.story = new Story(item => this.showTurn(item));
    this.table = new EventTable();
    this.links = h("div", {});
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Parts of the session" },
      TABS.map(([key, name]) => h("button", { type: "button", role: "tab", id: `tab-${key}`, "aria-controls": `panel-${key}`,
        "data-tab": key, onclick: () => this.choose(key) }, name, h("span", { class: "n" }))));
    this.tabs.addEventListener("keydown", event => this.tabKey(event));
    const panel = (key, node) => h("div", { role: "tabpanel", id: `panel-${key}`, "aria-labelledby": `tab-${key}`, tabindex: -1 }, node);
    this.panels = { story: panel("story", this.story.node), events: panel("events", this.table.node), links: panel("links", this.links) };
    this.root.replaceChildren(h("article", { class: "session" },
      h("header", {},
        h("div", { class: "title" }, h("a", { class: "back", href: "#/", "aria-label": "Back to all sessions" }, "← Sessions"),
          this.heading = h("h1", {}), this.pill,
          h("div", { class: "actions" },
            this.orders = h("span", { class: "orders" },
              h("button", { type: "button", title: "Closes the session at its next idle moment; its client reconnects", onclick: () => this.order("drain") }, "Drain"),
              h("button", { type: "button", class: "danger", title: "Closes the session now", onclick: () => this.order("end") }, "End")),
            h("button", { type: "button", onclick: event => this.copy(event.currentTarget) }, "Copy id"),
            h("button", { type: "button", title: "One file for a support ticket, without keys and conversations",
              onclick: event => this.bundle(event.currentTarget) }, "Bundle"))),
        this.subtitle),
      this.alarm, this.tiles, this.timeline.node, this.tabs, ...Object.values(this.panels)));
    this.choose(this.tab);
    this.root.scrollTop = 0;
  }

  tile(name) {
    const value = h("span", {});
    const more = h("small", {});
    this.figures.set(name, { value, more });
    return h("div", {}, h("dt", {}, name), h("dd", {}, value, more));
  }

  figure(name, value, more) {
    const tile = this.figures.get(name);
    setText(tile.value, value);
    setText(tile.more, more || "\u00A0");
  }

  // ---- Drawing

  drawNow() {
    if (!this.sums || !this.timeline) return;
    const now = Date.now();
    const { sums } = this;
    const model = build(sums, this.events, now);
    const state = sums.ended ? words.outcome(sums.outcome) : words.state(sums.state);
    setText(this.pill, state.label);
    setData(this.pill, "tone", state.tone);
    this.orders.hidden = Boolean(sums.ended);
    this.drawSubtitle();
    this.drawAlarm(now);
    this.drawFigures(model);
    this.timeline.update(model);
    this.drawTabs(model);
  }

  drawSubtitle() {
    const { sums } = this;
    const print = [sums.tenant, sums.model, sums.end_user, sums.started, sums.ended, sums.client_close?.code, sums.client_close?.reason, sums.node, sums.node_page].join("\n");
    if (print === this.subtitlePrint && this.subtitle.childElementCount) return;
    this.subtitlePrint = print;
    this.heading.replaceChildren(said(sums.tenant), " · ", said(format.model(sums.model)));
    const parts = [
      h("code", { class: "id" }, said(sums.id)),
      h("span", { title: sums.started }, `Started ${format.moment(sums.started)}`),
      h("span", { class: "muted", title: "UTC" }, `${sums.started.slice(0, 19).replace("T", " ")} UTC`),
    ];
    if (sums.end_user) parts.push(h("span", { title: "The person behind it, as a balancer or a token names them" }, "End user ", said(sums.end_user)));
    if (sums.client_close) parts.push(h("span", {}, "Client closed ", said(words.close(sums.client_close.code, sums.client_close.reason))));
    if (sums.node_page && sums.node_page !== location.origin) {
      parts.push(h("span", { title: "Its page has the sound that it recorded, too" }, sums.ended ? "Was at node " : "Lives at node ",
        h("a", { class: "elsewhere", href: `${sums.node_page}/ui#/s/${encodeURIComponent(sums.id)}` }, said(sums.node))));
    }
    this.subtitle.replaceChildren(...parts);
  }

  drawAlarm(now) {
    const { sums } = this;
    const concern = words.concern(sums, now);
    this.alarm.hidden = !concern;
    if (!concern) return;
    setData(this.alarm, "tone", concern);
    const seconds = (now - Date.parse(sums.state_since)) / 1000;
    const last = this.events.findLast(event => words.event(event.what).kind === "trouble" || words.event(event.what).kind === "remedy");
    const key = `${sums.state} ${last?.t}`;
    if (key !== this.alarmPrint) {
      this.alarmPrint = key;
      const isSlow = sums.state === "thinking";
      this.alarmText.replaceChildren(h("strong", {}, isSlow ? "No answer yet" : words.state(sums.state).label), ". ",
        isSlow ? "The user has asked and Gemini has not begun to speak." : said(last?.text ?? ""));
    }
    setText(this.alarmSince, `for ${format.running(seconds)}`);
  }

  drawFigures(model) {
    const { sums } = this;
    const turns = (sums.turns ?? []).filter(turn => turn.n > 0);
    const delays = turns.filter(turn => turn.first_audio)
      .map(turn => (Date.parse(turn.first_audio) - Date.parse(turn.ended_input ?? turn.started)) / 1000);
    const sum = pick => turns.reduce((total, turn) => total + (pick(turn) ?? 0), 0);
    const outcomes = Object.groupBy(turns.filter(turn => turn.outcome && turn.outcome !== "answered"), turn => turn.outcome);
    this.figure("Lasted", sums.ended ? format.duration(model.end) : format.running(model.end),
      (sums.ended ? `until ${format.moment(sums.ended)}` : "and counting") + (sums.node ? `, at node ${sums.node}` : ""));
    this.figure("Turns", format.count(turns.length),
      Object.entries(outcomes).map(([name, list]) => `${list.length} ${words.turnOutcome(name).label}`).join(", "));
    this.figure("First sound", format.duration(format.median(delays)), delays.length > 1 ? `at worst ${format.duration(Math.max(...delays))}` : "");
    this.figure("Tokens", format.compact(sum(turn => turn.tokens.total)),
      sum(turn => turn.estimated_tokens) ? `${format.count(sum(turn => turn.estimated_tokens))} estimated` : "as reported");
    this.figure("Cost", format.dollars(sums.cost_usd), sums.remedy_cost_usd ? `${format.dollars(sums.remedy_cost_usd)} for remedies` : "");
    const remedies = words.total(sums.remedies, "remedy");
    const troubles = words.total(sums.remedies, "trouble");
    this.figure("Trouble", format.count(troubles), remedies ? format.plural(remedies, "remedy", "remedies") : troubles ? "no remedy" : "none");
    this.figures.get("Trouble").value.title = [...words.counts(sums.remedies, "trouble"), ...words.counts(sums.remedies, "remedy")].map(({ text }) => text).join("\n");
  }

  drawTabs(model) {
    const numbers = { story: model.items.filter(item => item.kind === "turn").length, events: this.events.length,
      links: this.sums.connections?.length ?? 0 };
    for (const button of this.tabs.children) setText(button.lastElementChild, format.count(numbers[button.dataset.tab]));
    if (this.tab === "story") this.story.update(model, this.isReversed);
    if (this.tab === "events") this.table.update(this.events, model.started);
    if (this.tab === "links") this.drawLinks();
  }

  drawLinks() {
    const print = JSON.stringify([this.sums.connections, this.sums.client_close]);
    if (print === this.linksPrint && this.links.childElementCount) return;
    this.linksPrint = print;
    const rows = (this.sums.connections ?? []).map((connection, place) => {
      const isBad = connection.code !== null && ![1000, 1001].includes(connection.code);
      const lasted = connection.closed ? (Date.parse(connection.closed) - Date.parse(connection.opened)) / 1000 : NaN;
      return h("tr", { "data-tone": isBad ? "bad" : null },
        h("td", { class: "t" }, place + 1), h("td", {}, format.moment(connection.opened)),
        h("td", {}, connection.resumed ? "resumed" : "new"), h("td", {}, connection.closed ? format.duration(lasted) : "open"),
        h("td", { class: "what" }, connection.code === null ? (connection.closed ? "with the session" : "–") : connection.code),
        h("td", { class: "text" }, said(connection.reason ?? "")));
    });
    const head = ["#", "Opened", "How", "Lasted", "Close", "Reason"].map(name => h("th", { scope: "col" }, name));
    this.links.replaceChildren(h("div", { class: "scroller" }, h("table", { class: "events" },
      h("caption", { class: "hidden" }, "Connections to Gemini"), h("thead", {}, h("tr", {}, head)),
      h("tbody", {}, rows.length ? rows : h("tr", {}, h("td", { colspan: 6, class: "muted" }, "No connection to Gemini was made."))))));
  }

  // ---- Doing

  choose(key) {
    this.tab = key;
    for (const button of this.tabs.children) {
      const isChosen = button.dataset.tab === key;
      button.setAttribute("aria-selected", String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
    }
    for (const [name, panel] of Object.entries(this.panels)) panel.hidden = name !== key;
    this.draw();
  }

  tabKey(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const place = TABS.findIndex(([key]) => key === this.tab);
    this.choose(TABS[(place + by + TABS.length) % TABS.length][0]);
    this.tabs.querySelector("[aria-selected=true]").focus();
  }

  /** An event was chosen in the timeline: its turn lights up. */
  stopped(stop) {
    const item = this.timeline.model.items.findLast(candidate => candidate.kind === "turn" && candidate.from <= stop.t + 0.001);
    this.story.light(item?.n ?? null);
  }

  showTurn(item) {
    const { stops } = this.timeline.model;
    const place = stops.findIndex(stop => stop.t >= item.from - 0.001);
    if (place >= 0) this.timeline.choose(place);
    this.timeline.stage.focus();
    this.timeline.node.scrollIntoView({ block: "nearest" });
  }

  /** `end` or `drain`, after a question. */
  async order(verb) {
    const { id, tenant, model } = this.sums;
    if (!await confirm(verb, `${tenant} · ${format.model(model)}, ${id}`)) return;
    try {
      await api.post(`api/sessions/${encodeURIComponent(id)}/${verb}`);
      announce(verb === "end" ? "The session is being ended." : "The session ends at its next idle moment.");
      this.orders.replaceChildren(h("span", { class: "muted", role: "status" }, verb === "end" ? "Ending" : "Draining"));
    } catch (problem) {
      this.orders.append(h("span", { class: "error", role: "alert" }, said(problem.message)));
    }
  }

  async copy(button) {
    try {
      await navigator.clipboard.writeText(this.sums.id);
      flash(button, "Copied");
    } catch { flash(button, "Not allowed"); }
  }

  async bundle(button) {
    try {
      const blob = await api.file(`api/sessions/${encodeURIComponent(this.sums.id)}/bundle`);
      const link = h("a", { download: `turnkeeper-${this.sums.id.replace(/[^\w-]/g, "")}.json` });
      link.href = URL.createObjectURL(blob);
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (problem) { flash(button, problem.message); }
  }
}

function flash(button, text) {
  const before = button.dataset.label ?? button.textContent;
  button.dataset.label = before;
  setText(button, text);
  announce(text);
  setTimeout(() => setText(button, before), 1500);
}

const QUESTIONS = {
  end: ["End this session?", "Its client is disconnected now, in the middle of whatever is said.", "End it now"],
  drain: ["Drain this session?", "It is closed at its next idle moment, after half a minute at the latest; the client may reconnect.", "Drain it"],
};

/** Whether the reader means it. */
function confirm(verb, name) {
  const [title, text, yes] = QUESTIONS[verb];
  const dialog = byId("confirm");
  setText(byId("confirm-title"), title);
  setText(byId("confirm-text"), text);
  byId("confirm-name").replaceChildren(said(name));
  setText(byId("confirm-yes"), yes);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise(done => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}
