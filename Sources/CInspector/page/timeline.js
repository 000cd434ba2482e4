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
/** Signs closer than this are moved apart. */
const APART = 13;

/** Drawn around 0,0, about 12 wide. */
const SIGNS = {
  stall: "M-2.6-6h5.2L6-2.6v5.2L2.6 6h-5.2L-6 2.6v-5.2Z",
  nudge: "M0-6 6 5H-6Z",
  turn: "M0-6A6 6 0 1 1-5.6-2L-2.6-1A3 3 0 1 0 0-3V0L-5-4.5 0-9Z",
  replay: "M0-5V5L-6 0ZM6-5V5L0 0Z",
  rebuild: "M0-6 6 0 0 6-6 0Z",
  cut: "M-6 3 2-6H6L-2 6H-6Z",
  cross: "M-5-3-3-5 0-2 3-5 5-3 2 0 5 3 3 5 0 2-3 5-5 3-2 0Z",
  pause: "M-4-5h3V5h-3ZM1-5h3V5H1Z",
  play: "M-4-5.5 6 0-4 5.5Z",
  down: "M-6-4H6L0 6Z",
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
    this.layers = s("g");
    this.cursor = s("line", { class: "tl-cursor", y1: 14, y2: HEIGHT });
    this.svg = s("svg", { height: HEIGHT, "aria-hidden": "true" }, this.layers, this.cursor);
    this.small = s("svg", { height: OVERVIEW, "aria-hidden": "true" });
    this.readout = h("p", { class: "readout", id: "timeline-readout" });
    this.follow = h("button", { type: "button", "aria-pressed": "false", onclick: () => this.setFollowing(true) }, "Follow");
    // A slider over events, which assistive technology can step through and read out.
    this.stage = h("div", { class: "stage", role: "slider", tabindex: 0, "aria-label": "Timeline, event by event",
      "aria-valuemin": 0, "aria-valuemax": 0, "aria-valuenow": 0 },
    h("div", { class: "names", "aria-hidden": "true" }, LANES.map(laneLabel)), this.svg,
    h("div", { class: "overview" }, this.small));
    this.legendBox = h("p", { class: "legend", "aria-hidden": "true" }, ...legend());
    this.node = h("section", { class: "card timeline", "aria-label": "Timeline" },
      h("header", {}, h("h2", {}, "Timeline"), this.hint = h("p", {}),
        h("div", { class: "zoom" }, this.follow,
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

  chooseTime(t) {
    const { stops } = this.model;
    let best = 0;
    stops.forEach((stop, place) => { if (Math.abs(stop.t - t) < Math.abs(stops[best].t - t)) best = place; });
    this.choose(best);
  }

  tell() {
    const stop = this.model.stops[this.stop];
    if (!stop) return;
    const lane = words.laneName(stop.lane);
    this.readout.replaceChildren(h("b", {}, `${format.offset(stop.t)}  ${lane}: ${stop.label}`), " ", said(stop.text));
    this.stage.setAttribute("aria-valuenow", String(this.stop + 1));
    this.stage.setAttribute("aria-valuetext", `${format.offset(stop.t)}, ${lane}: ${stop.label}. ${stop.text.slice(0, 300)}`);
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
      ...grid(x, from, to, width),
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
      ...marks(model, x, from, to),
      model.isLive ? s("line", { class: "tl-now", x1: x(model.end), x2: x(model.end), y1: 14, y2: HEIGHT }) : "");
    const stop = model.stops[this.stop];
    this.cursor.setAttribute("visibility", stop && stop.t >= from && stop.t <= to ? "visible" : "hidden");
    if (stop) for (const name of ["x1", "x2"]) this.cursor.setAttribute(name, x(stop.t));
    setText(this.hint, `${format.duration(Math.min(to, model.end) - from)} of ${format.duration(model.end)}`);
    if (!stop) setText(this.readout, model.stops.length ? "Click a moment, or step through the events with the arrow keys." : "Nothing has happened yet.");
    this.drawOverview();
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
  node.style.top = `${lane.y + lane.height / 2 - 8}px`;
  return node;
}

function grid(x, from, to, width) {
  const step = STEPS.find(size => size / (to - from) * width >= 84) ?? 14_400;
  const parts = LANES.filter(lane => lane.key !== "link" && lane.key !== "cost").map(lane =>
    s("rect", { class: "tl-lane", x: 0, y: lane.y, width, height: lane.height, rx: 4 }));
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
    parts.push(s("line", { class: "tl-grid", x1: x(t), x2: x(t), y1: 16, y2: HEIGHT }));
    const label = step < 1 ? `${t.toFixed(1)} s` : t < 60 && to <= 60 ? `${Math.round(t)} s` : format.offset(t).replace(/\.\d$/, "");
    if (x(t) < width - 30) parts.push(s("text", { x: x(t) + 3, y: 11 }, label));
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

function marks(model, x, from, to) {
  const parts = [];
  let last = -Infinity;
  for (const item of model.marks) {
    if (item.t < from - 1 || item.t > to + 1) continue;
    if (item.tone === "rule") {
      parts.push(s("line", { class: "tl-rule", x1: x(item.t), x2: x(item.t), y1: 61, y2: 73 }));
      continue;
    }
    // Side by side if they would overlap, as long as the position stays nearly right.
    const place = x(item.t) - last < APART && last - x(item.t) < 3 * APART ? last + APART : x(item.t);
    last = place;
    parts.push(s("g", { class: "tl-mark", "data-tone": item.tone, transform: `translate(${place.toFixed(1)} 67)` },
      s("path", { d: SIGNS[item.sign] ?? SIGNS.close }), s("title", {}, `${item.label}: ${item.text.slice(0, 300)}`)));
  }
  return parts;
}

function legend() {
  const key = (sign, name) => h("span", { class: "key" }, s("svg", { viewBox: "-8 -8 16 16" }, sign), name);
  const sign = (what, tone) => s("g", { class: "tl-mark", "data-tone": tone }, s("path", { d: SIGNS[what] }));
  return [
    key(sign("stall", "bad"), "stalled"), key(sign("nudge", "warn"), "nudged"), key(sign("turn", "warn"), "reconnecting"),
    key(sign("turn", "good"), "reconnected"), key(sign("replay", "warn"), "replayed"), key(sign("rebuild", "warn"), "rebuilt"),
    key(sign("down", "warn"), "fell back"), key(sign("pause", "warn"), "client away"), key(sign("cross", "bad"), "gave up, failed"), key(sign("cut", "warn"), "reply cut"),
    key(s("line", { class: "tl-wait", x1: -7, x2: 7, y1: 0, y2: 0 }), "waiting"),
    key(s("line", { class: "tl-cut", x1: 0, x2: 0, y1: -7, y2: 7 }), "interrupted"),
    key(s("rect", { class: "tl-tool", x: -7, y: -4, width: 14, height: 8, rx: 3 }), "tool call"),
    key(s("line", { class: "tl-rule", x1: 0, x2: 0, y1: -6, y2: 6 }), "rule or step"),
  ];
}
