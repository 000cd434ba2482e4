// A session's timeline: lanes over time, drawn for the visible part, and an overview below.

import { coalesced, h, s, said, setText } from "./dom.js";
import * as format from "./format.js";
import * as words from "./words.js";

const LANES = [
  { key: "user", name: "User", y: 20, height: 30 },
  { key: "proxy", name: "Turnkeeper", y: 54, height: 26 },
  { key: "gemini", name: "Gemini", y: 84, height: 40 },
  { key: "link", name: "Connection", y: 130, height: 9 },
  { key: "cost", name: "Cost", y: 148, height: 40 },
];
const HEIGHT = 192;
const OVERVIEW = 26;
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const SHORTEST = 0.5;
/** How much of a live session is visible at first. */
const LIVE_VIEW = 75;
/** Signs closer than this become one, with their number. */
const APART = 17;
/** The wall clock's labels are above the relative ones. */
const CLOCK = 13;
const WORST = ["bad", "warn", "good", "plain"];

/** Drawn around 0,0, about 12 wide, by the names of the dictionary. */
const SIGNS = {
  stall: "M-2.6-6h5.2L6-2.6v5.2L2.6 6h-5.2L-6 2.6v-5.2Z",
  nudge: "M0-6 6 5H-6Z",
  broken: "M-6-2H-2V-6H2L-1 0H2L-2 6H-4L-2 1H-6Z",
  reconnect: "M0-6A6 6 0 1 1-5.6-2L-2.6-1A3 3 0 1 0 0-3V0L-5-4.5 0-9Z",
  retry: "M0-5A5 5 0 1 0 5 0H2.4A2.4 2.4 0 1 1 0-2.4Z",
  recover: "M-6 0-3-3-1-1 4-6 6.5-3.5-1 4Z",
  replay: "M0-5V5L-6 0ZM6-5V5L0 0Z",
  rebuild: "M0-6 6 0 0 6-6 0Z",
  restore: "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
  forget: "M-6 0A6 6 0 1 1 6 0 6 6 0 1 1-6 0ZM-2.5 0A2.5 2.5 0 1 0 2.5 0 2.5 2.5 0 1 0-2.5 0Z",
  cut: "M-6 3 2-6H6L-2 6H-6Z",
  cross: "M-5-3-3-5 0-2 3-5 5-3 2 0 5 3 3 5 0 2-3 5-5 3-2 0Z",
  bolt: "M1-7-5 1H-1L-2 7 5-2H1Z",
  away: "M-4-5h3V5h-3ZM1-5h3V5H1Z",
  back: "M-4-5.5 6 0-4 5.5Z",
  fallback: "M-6-5H-2V1H6L2 6-2 1H-6Z",
  leave: "M-6-6H0V-3H-3V3H0V6H-6ZM1-5 7 0 1 5V2H-2V-2H1Z",
  limit: "M-6-6H6V-3H-6ZM-6 3H6V6H-6ZM-2-3H2V3H-2Z",
  drop: "M-6-4H6L0 6Z",
  close: "M-4.5-4.5h9v9h-9Z",
};

export class Timeline {
  constructor(selected) {
    this.selected = selected;
    this.model = null;
    this.from = 0;
    this.to = 1;
    this.isFollowing = false;
    this.stop = -1;
    this.layers = s("g", { transform: `translate(0 ${CLOCK})` });
    this.cursor = s("line", { class: "tl-cursor", y1: 14 + CLOCK, y2: HEIGHT + CLOCK });
    this.playhead = s("line", { class: "tl-play", y1: CLOCK, y2: HEIGHT + CLOCK });
    this.playhead.setAttribute("visibility", "hidden");
    this.played = null;
    this.spans = null;
    this.svg = s("svg", { height: HEIGHT + CLOCK, "aria-hidden": "true" }, this.layers, this.cursor, this.playhead);
    this.small = s("svg", { height: OVERVIEW, "aria-hidden": "true" });
    this.readout = h("p", { class: "readout", id: "timeline-readout" });
    this.follow = h("button", { type: "button", "aria-pressed": "false", onclick: () => this.setFollowing(true) }, "Follow");
    // A slider over events, which assistive technology can step through and read out.
    this.stage = h("div", { class: "stage", role: "slider", tabindex: 0, "aria-label": "Timeline, event by event",
      "aria-valuemin": 0, "aria-valuemax": 0, "aria-valuenow": 0 },
    h("div", { class: "names", "aria-hidden": "true" }, LANES.map(laneLabel)), this.svg,
    h("div", { class: "overview" }, this.small));
    this.legendBox = h("p", { class: "legend", "aria-hidden": "true" });
    this.tools = h("span", {});
    this.node = h("section", { class: "card timeline", "aria-label": "Timeline" },
      h("header", {}, h("h2", {}, "Timeline"), this.hint = h("p", {}),
        h("div", { class: "zoom" }, this.tools, this.follow,
          h("button", { type: "button", "aria-label": "Wider", title: "Wider (−)", onclick: () => this.zoom(2) }, "−"),
          h("button", { type: "button", "aria-label": "Closer", title: "Closer (+)", onclick: () => this.zoom(0.5) }, "+"),
          h("button", { type: "button", title: "Everything (0)", onclick: () => this.fit() }, "All"))),
      this.stage, this.readout, this.legendBox);
    this.draw = coalesced(() => this.drawNow());
    this.listen();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.svg);
  }

  close() { this.observer.disconnect(); }

  /** - model: the result of `build`. */
  update(model) {
    const isFirst = this.model === null;
    this.model = model;
    if (isFirst) {
      if (model.isLive) this.setFollowing(true, LIVE_VIEW); else this.fit();
    } else if (this.isFollowing && model.isLive) {
      const span = this.to - this.from;
      this.to = model.end;
      this.from = Math.max(0, this.to - span);
      if (this.from === 0) this.to = Math.max(span, model.end);
    }
    if (!model.isLive) this.isFollowing = false;
    this.follow.hidden = !model.isLive;
    this.follow.setAttribute("aria-pressed", String(this.isFollowing));
    this.stage.setAttribute("aria-valuemax", String(model.stops.length));
    this.draw();
  }

  fit() {
    if (!this.model) return;
    this.isFollowing = false;
    this.show(0, this.model.end * 1.01);
  }

  setFollowing(isFollowing, span = Math.min(this.to - this.from, LIVE_VIEW)) {
    this.isFollowing = isFollowing && this.model?.isLive;
    this.follow.setAttribute("aria-pressed", String(Boolean(this.isFollowing)));
    if (!this.isFollowing) return;
    const end = this.model.end;
    this.show(Math.max(0, end - span), Math.max(end, span));
  }

  zoom(factor, around = (this.from + this.to) / 2) {
    if (!this.model) return;
    const span = Math.max(SHORTEST, Math.min(this.model.end * 1.01, (this.to - this.from) * factor));
    if (this.isFollowing) return this.setFollowing(true, span);
    const share = (around - this.from) / (this.to - this.from);
    this.show(around - span * share, around + span * (1 - share));
  }

  show(from, to) {
    const limit = Math.max(this.model.end * 1.01, SHORTEST);
    const span = Math.max(SHORTEST, to - from);
    this.from = Math.max(0, Math.min(from, limit - span));
    this.to = this.from + span;
    this.draw();
  }

  pan(by) {
    this.isFollowing = false;
    this.follow.setAttribute("aria-pressed", "false");
    this.show(this.from + by, this.to + by);
  }

  /** Chooses an event by its index among the stops. */
  choose(place) {
    const { stops } = this.model;
    if (!stops.length) return;
    this.stop = Math.max(0, Math.min(stops.length - 1, place));
    const { t } = stops[this.stop];
    if (t < this.from || t > this.to) {
      this.isFollowing = false;
      const span = this.to - this.from;
      this.show(t - span / 2, t + span / 2);
    }
    this.tell();
    this.draw();
    this.selected?.(stops[this.stop]);
  }

  clock(t) { return format.clock(new Date(this.model.started + t * 1000)); }

  /** - seconds: where it is played; null: nowhere. */
  play(seconds) {
    this.played = seconds;
    if (seconds !== null && this.to - this.from < this.model.end && (seconds < this.from || seconds > this.to)) {
      this.isFollowing = false;
      this.show(seconds, seconds + this.to - this.from);
    }
    this.drawPlayhead();
  }

  drawPlayhead() {
    const { played, from, to } = this;
    const isHere = played !== null && played >= from && played <= to;
    this.playhead.setAttribute("visibility", isHere ? "visible" : "hidden");
    if (isHere) for (const name of ["x1", "x2"]) this.playhead.setAttribute(name, (played - from) / (to - from) * this.width);
  }

  chooseTime(t) {
    this.pointed?.(Math.max(0, t));
    const { stops } = this.model;
    let best = 0;
    stops.forEach((stop, place) => { if (Math.abs(stop.t - t) < Math.abs(stops[best].t - t)) best = place; });
    this.choose(best);
  }

  tell() {
    const stop = this.model.stops[this.stop];
    if (!stop) return;
    const lane = words.laneName(stop.lane);
    this.readout.replaceChildren(h("b", {}, `${format.offset(stop.t)}  ${this.clock(stop.t)}  ${lane}: ${stop.label}`), " ", said(stop.text));
    this.stage.setAttribute("aria-valuenow", String(this.stop + 1));
    this.stage.setAttribute("aria-valuetext", `${format.offset(stop.t)}, ${this.clock(stop.t)}, ${lane}: ${stop.label}. ${stop.text.slice(0, 300)}`);
  }

  // ---- Hands

  listen() {
    let drag = null;
    this.svg.addEventListener("wheel", event => {
      if (!this.model) return;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        this.isFollowing = false;
        this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.timeAt(event));
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        this.pan((event.deltaX || event.deltaY) / this.width * (this.to - this.from));
      }
    }, { passive: false });
    this.svg.addEventListener("pointerdown", event => {
      if (event.button !== 0) return;
      drag = { x: event.clientX, moved: false };
      this.svg.setPointerCapture(event.pointerId);
    });
    this.svg.addEventListener("pointermove", event => {
      if (!drag) return;
      const by = drag.x - event.clientX;
      if (!drag.moved && Math.abs(by) < 4) return;
      drag.moved = true;
      this.svg.classList.add("dragging");
      drag.x = event.clientX;
      this.pan(by / this.width * (this.to - this.from));
    });
    this.svg.addEventListener("pointerup", event => {
      if (drag && !drag.moved && this.model) this.chooseTime(this.timeAt(event));
      drag = null;
      this.svg.classList.remove("dragging");
    });
    const jump = event => {
      if (!(event.buttons & 1) || !this.model) return;
      const t = event.offsetX / this.width * this.model.end;
      this.pan(t - (this.from + this.to) / 2);
    };
    this.small.addEventListener("pointerdown", event => { this.small.setPointerCapture(event.pointerId); jump(event); });
    this.small.addEventListener("pointermove", jump);
    this.stage.addEventListener("keydown", event => this.pressed(event));
  }

  pressed(event) {
    if (!this.model || event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = {
      ArrowRight: () => this.choose(this.stop + 1), ArrowLeft: () => this.choose(this.stop - 1),
      ArrowUp: () => this.choose(this.stop + 1), ArrowDown: () => this.choose(this.stop - 1),
      PageUp: () => this.choose(this.stop + 10), PageDown: () => this.choose(this.stop - 10),
      Home: () => this.choose(0), End: () => this.choose(this.model.stops.length - 1),
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), 0: () => this.fit(),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }

  get width() { return Math.max(this.svg.clientWidth, 50); }

  timeAt(event) {
    const box = this.svg.getBoundingClientRect();
    return this.from + (event.clientX - box.left) / this.width * (this.to - this.from);
  }

  // ---- Drawing

  drawNow() {
    if (!this.model || !this.svg.isConnected) return;
    const { model, from, to, width } = this;
    const x = t => (t - from) / (to - from) * width;
    const inView = item => item.to >= from && item.from <= to;
    this.layers.replaceChildren(
      ...grid(x, from, to, width, model.started),
      ...model.troubles.filter(inView).map(item => s("rect", {
        class: `tl-trouble ${item.tone}`, x: x(item.from), y: 16, width: Math.max(2, x(item.to) - x(item.from)), height: 124 })),
      ...model.users.filter(inView).flatMap(item => bar(item, x, "tl-user", 20, 30)),
      ...model.waits.filter(inView).map(item => s("line", {
        class: item.to - item.from > words.SLOW_SECONDS ? "tl-wait long" : "tl-wait",
        x1: x(item.from), x2: x(item.to), y1: 95, y2: 95 })),
      ...model.geminis.filter(inView).flatMap(item => bar(item, x, `tl-gemini ${item.outcome === "interrupted" ? "interrupted" : ""}`, 84, 24)),
      ...model.geminis.filter(item => inView(item) && item.outcome === "interrupted").map(item => s("line", {
        class: "tl-cut", x1: x(item.to), x2: x(item.to), y1: 82, y2: 110 })),
      ...model.tools.filter(inView).flatMap(item => toolBar(item, x)),
      ...model.links.filter(inView).flatMap(item => linkBar(item, x)),
      ...cost(model, x, from, to, width),
      ...sound(this.spans, x, from, to),
      ...marks(model, x, from, to, width),
      model.isLive ? s("line", { class: "tl-now", x1: x(model.end), x2: x(model.end), y1: 14, y2: HEIGHT }) : "");
    const stop = model.stops[this.stop];
    this.cursor.setAttribute("visibility", stop && stop.t >= from && stop.t <= to ? "visible" : "hidden");
    if (stop) for (const name of ["x1", "x2"]) this.cursor.setAttribute(name, x(stop.t));
    setText(this.hint, `${format.duration(Math.min(to, model.end) - from)} of ${format.duration(model.end)}`);
    if (!stop) setText(this.readout, model.stops.length ? "Click a moment, or step through the events with the arrow keys." : "Nothing has happened yet.");
    this.drawPlayhead();
    this.drawLegend();
    this.drawOverview();
  }

  drawLegend() {
    const keys = legend(this.model, this.spans);
    const print = keys.map(([, name]) => name).join();
    if (print === this.legendPrint) return;
    this.legendPrint = print;
    this.legendBox.replaceChildren(...keys.map(([sign, name, meaning]) =>
      h("span", { class: "key", title: meaning }, s("svg", { viewBox: "-8 -8 16 16" }, sign), name)));
  }

  drawOverview() {
    const { model } = this;
    const width = Math.max(this.small.clientWidth, 50);
    const x = t => t / model.end * width;
    const strip = (items, cls, y, height) => items.map(item => s("rect", {
      class: cls, x: x(item.from), y, height, width: Math.max(1, x(item.to) - x(item.from)) }));
    this.small.replaceChildren(
      s("rect", { class: "tl-lane", x: 0, y: 0, width, height: OVERVIEW, rx: 3 }),
      ...model.troubles.map(item => s("rect", { class: `tl-trouble ${item.tone}`, x: x(item.from), y: 0, height: OVERVIEW, width: Math.max(2, x(item.to) - x(item.from)) })),
      ...strip(model.users, "tl-user", 5, 6), ...strip(model.geminis, "tl-gemini", 14, 6),
      s("rect", { class: "tl-window", x: x(this.from) + 0.5, y: 0.5, rx: 3,
        width: Math.max(3, Math.min(width, x(this.to)) - x(this.from) - 1), height: OVERVIEW - 1 }));
  }
}

function laneLabel(lane) {
  const node = h("span", {}, lane.name);
  node.style.top = `${lane.y + lane.height / 2 - 8 + CLOCK}px`;
  return node;
}

function grid(x, from, to, width, started) {
  const step = STEPS.find(size => size / (to - from) * width >= 84) ?? 14_400;
  const parts = LANES.filter(lane => lane.key !== "link" && lane.key !== "cost").map(lane =>
    s("rect", { class: "tl-lane", x: 0, y: lane.y, width, height: lane.height, rx: 4 }));
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
    parts.push(s("line", { class: "tl-grid", x1: x(t), x2: x(t), y1: 16, y2: HEIGHT }));
    const label = step < 1 ? `${t.toFixed(1)} s` : t < 60 && to <= 60 ? `${Math.round(t)} s` : format.offset(t).replace(/\.\d$/, "");
    if (x(t) < width - 30) parts.push(s("text", { x: x(t) + 3, y: 12 }, label));
    if (x(t) < width - 52) parts.push(s("text", { class: "tl-clock", x: x(t) + 3, y: -1 }, format.clock(new Date(started + t * 1000))));
  }
  return parts;
}

function bar(item, x, cls, y, height) {
  const [left, right] = [Math.max(-4, x(item.from)), x(item.to)];
  const width = Math.max(1.5, right - left);
  const room = Math.floor((width - 10) / 6);
  const text = item.text?.trim() ?? "";
  const shown = room < 4 ? "" : text.length > room ? `${text.slice(0, room - 1)}…` : text;
  return [
    s("rect", { class: cls, x: left, y, width, height, rx: Math.min(4, width / 2) }),
    shown ? s("text", { class: "tl-bar-text", x: Math.max(0, left) + 5, y: y + height / 2 + 4 }, shown) : "",
  ];
}

function toolBar(item, x) {
  const width = Math.max(4, x(item.to) - x(item.from));
  return [
    s("rect", { class: `tl-tool ${/^[a-z]+$/.test(item.outcome) ? item.outcome : ""}`, x: x(item.from), y: 112, width, height: 9, rx: 3 },
      s("title", {}, `${item.name}: ${item.outcome}`)),
  ];
}

function linkBar(item, x) {
  const isBad = item.code !== null && item.code !== 1000 && item.code !== 1001;
  const width = Math.max(2, x(item.to) - x(item.from) - 2);
  const name = `connection ${item.number}${item.resumed ? ", resumed" : ""}`;
  return [
    s("rect", { class: "tl-link", x: x(item.from), y: 131, width, height: 7, rx: 3 },
      s("title", {}, item.isOpen ? `${name}, open` : `${name}, ${words.close(item.code, item.reason)}`)),
    isBad ? s("rect", { class: "tl-link-end", x: x(item.from) + width - 4, y: 128, width: 4, height: 13, rx: 1.5 }) : "",
  ];
}

function cost(model, x, from, to, width) {
  const { y, height } = LANES[4];
  const last = model.costs.at(-1);
  if (!last || last.total <= 0) return [];
  const top = total => y + height - total / last.total * (height - 12);
  let path = `M${x(0).toFixed(1)} ${top(0)}`;
  for (const step of model.costs) path += `H${x(step.t).toFixed(1)}V${top(step.total).toFixed(1)}`;
  path += `H${x(model.end).toFixed(1)}`;
  const labelX = Math.min(width - 4, Math.max(60, x(model.end) - 4));
  return [
    s("path", { class: "tl-cost", d: `${path}V${y + height}H${x(0).toFixed(1)}Z` }),
    s("path", { class: "tl-cost-line", d: path }),
    s("text", { x: labelX, y: y + 8, "text-anchor": "end" }, format.dollars(last.total)),
  ];
}

/** Marks that would overlap, together: `{ at, items }`. */
export function clusters(marks, x) {
  const found = [];
  for (const item of marks) {
    const at = x(item.t);
    const last = found.at(-1);
    if (last && at - last.at < APART) last.items.push(item); else found.push({ at, items: [item] });
  }
  return found;
}

function marks(model, x, from, to, width) {
  const seen = model.marks.filter(item => item.t >= from - 1 && item.t <= to + 1);
  const ticks = new Set(seen.filter(item => item.sign === "tick").map(item => Math.round(x(item.t))));
  const parts = [...ticks].map(at => s("line", { class: "tl-rule", x1: at, x2: at, y1: 61, y2: 73 }));
  for (const { at, items } of clusters(seen.filter(item => item.sign !== "tick"), x)) {
    const worst = items.reduce((a, b) => WORST.indexOf(b.tone) < WORST.indexOf(a.tone) ? b : a);
    const told = items.map(item => `${format.offset(item.t)} ${item.label}: ${item.text.slice(0, 300)}`).join("\n");
    parts.push(s("g", { class: "tl-mark", "data-tone": worst.tone, "data-count": items.length, transform: `translate(${at.toFixed(1)} 67)` },
      s("path", { d: SIGNS[worst.sign] ?? SIGNS.close }),
      items.length > 1 ? s("text", { class: "tl-count", x: at > width - 18 ? -8 : 7, y: -3, "text-anchor": at > width - 18 ? "end" : "start" }, items.length) : "", s("title", {}, told)));
  }
  return parts;
}

/** Where there is recorded sound. */
function sound(spans, x, from, to) {
  return [["user", 51], ["gemini", 109]].flatMap(([side, y]) => (spans?.[side] ?? []).filter(([a, b]) => b >= from && a <= to)
    .map(([a, b]) => s("line", { class: "tl-sound", x1: x(a), x2: Math.max(x(a) + 1, x(b)), y1: y, y2: y })));
}

/** What is in this session, and nothing else: `[sign, name, meaning]`. */
function legend(model, spans) {
  const keys = new Map();
  for (const { sign, tone, label, meaning } of model.marks) {
    if (sign === "tick" || keys.has(label)) continue;
    keys.set(label, [s("g", { class: "tl-mark", "data-tone": tone }, s("path", { d: SIGNS[sign] ?? SIGNS.close })), label.toLowerCase(), meaning]);
  }
  const found = [...keys.values()];
  if (model.waits.length) found.push([s("line", { class: "tl-wait", x1: -7, x2: 7, y1: 0, y2: 0 }), "waiting", "Nobody is heard."]);
  if (model.geminis.some(item => item.outcome === "interrupted")) found.push([s("line", { class: "tl-cut", x1: 0, x2: 0, y1: -7, y2: 7 }), "interrupted", "The user spoke into the answer."]);
  if (model.tools.length) found.push([s("rect", { class: "tl-tool", x: -7, y: -4, width: 14, height: 8, rx: 3 }), "tool call", ""]);
  if (model.marks.some(item => item.sign === "tick")) found.push([s("line", { class: "tl-rule", x1: 0, x2: 0, y1: -6, y2: 6 }), "rule or step", ""]);
  if (spans && (spans.user.length || spans.gemini.length)) found.push([s("line", { class: "tl-sound", x1: -7, x2: 7, y1: 0, y2: 0 }), "recorded sound", ""]);
  return found;
}
