// Tokens and cost by day, tenant and model. Every chart has its numbers next to or below it.

import { h, s, said } from "./dom.js";
import * as format from "./format.js";
import * as api from "./api.js";

const SPANS = [[1, "Today"], [7, "7 days"], [30, "30 days"], [90, "90 days"]];
/** Tenants with their own colour; the others share one. */
const MOST = 5;
const OTHERS = "\n";
const HEIGHT = 220;
const LEFT = 52;
const BOTTOM = 22;
/** Distinguished by both hue and lightness, in light and dark. */
const COLOURS = ["var(--accent)", "var(--user)", "var(--warn)", "var(--gemini)", "var(--good)", "var(--line-strong)"];

export class UsageView {
  constructor(root) {
    this.root = root;
    this.span = 30;
    /** How many of the most expensive tenants the chart by day leaves out, to split the others. */
    this.skipped = 0;
    this.isOpen = false;
    this.generation = 0;
    this.answer = null;
    let width = 0;
    new ResizeObserver(() => {
      if (this.answer && root.clientWidth && root.clientWidth !== width) this.draw(...this.answer);
      width = root.clientWidth;
    }).observe(root);
  }

  open() {
    if (this.isOpen) return;
    this.isOpen = true;
    this.load();
    this.timer = setInterval(() => { if (!document.hidden) this.load(); }, 60_000);
  }

  close() {
    this.isOpen = false;
    clearInterval(this.timer);
  }

  async load() {
    const generation = ++this.generation;
    if (!this.root.childElementCount) this.root.replaceChildren(this.head(), h("p", { class: "wide muted", role: "status" }, "Loading"));
    const since = new Date(Date.now() - (this.span - 1) * 86_400_000).toISOString().slice(0, 10);
    const ask = by => api.get(`api/usage?by=${encodeURIComponent(by)}&since=${since}`);
    try {
      const [days, tenants, models, today] = await Promise.all([ask("day+tenant"), ask("tenant"), ask("model"), api.get("api/usage?by=tenant&since=today")]);
      if (generation !== this.generation) return;
      this.answer = [days, tenants, models, since, today];
      this.draw(...this.answer);
    } catch (problem) {
      if (generation !== this.generation) return;
      this.root.replaceChildren(this.head(), h("div", { class: "wide card empty" }, h("div", { class: "chart" },
        h("h2", {}, "Usage cannot be loaded"), h("p", {}, said(problem.message)),
        h("button", { type: "button", onclick: () => this.load() }, "Try again"))));
    }
  }

  head() {
    return h("div", { class: "wide head" }, h("h1", {}, "Usage"),
      h("div", { class: "segments", role: "group", "aria-label": "Time" }, SPANS.map(([days, name]) =>
        h("button", { type: "button", "aria-pressed": String(days === this.span), "data-span": days,
          onclick: () => this.choose(days) }, name))));
  }

  choose(days) {
    this.span = days;
    for (const button of this.root.querySelectorAll("[data-span]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.span) === days));
    }
    this.load();
  }

  split(skipped) {
    this.skipped = skipped;
    this.draw(...this.answer);
    this.root.querySelector(".others")?.focus();
  }

  draw(days, tenants, models, since, today) {
    const focus = this.root.contains(document.activeElement) ? document.activeElement.dataset.span : null;
    if (!tenants.length) {
      this.root.replaceChildren(this.head(), h("div", { class: "wide card empty" }, h("div", { class: "chart" },
        h("h2", {}, "No usage"), h("p", {}, `No session has begun since ${format.day(since)}.`))));
    } else {
      const style = getComputedStyle(this.root);
      const width = this.root.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 34;
      this.root.replaceChildren(this.head(), tiles(tenants, today), ...budgets(today.length ? today : tenants),
        byDay(days, tenants, since, this.span, Math.max(width, 240), this.skipped, skipped => this.split(skipped)),
         bars("By tenant", "tenant", tenants, name => name), bars("By model", "model", models, format.model), modalities(tenants));
    }
    if (focus) this.root.querySelector(`[data-span="${focus}"]`)?.focus();
  }
}

const sum = (rows, pick) => rows.reduce((total, row) => total + pick(row), 0);

function tiles(rows, today) {
  const total = sum(rows, row => row.tokens.total);
  const estimated = sum(rows, row => row.estimated_tokens);
  const cost = sum(rows, row => row.cost_usd);
  const remedies = sum(rows, row => row.remedy_cost_usd);
  const turns = sum(rows, row => row.turns);
  const tile = (name, value, more) => h("div", {}, h("dt", {}, name), h("dd", {}, value, h("small", {}, more)));
  return h("dl", { class: "wide tiles card" },
    tile("Today", format.dollars(sum(today, row => row.cost_usd)), `${format.plural(sum(today, row => row.turns), "turn")}, UTC`),
    tile("Cost", format.dollars(cost), turns ? `${format.dollars(cost / turns)} a turn` : "\u00A0"),
    tile("Spent on remedies", format.dollars(remedies), cost ? `${(remedies / cost * 100).toFixed(1)} %` : "\u00A0"),
    tile("Sessions", format.count(sum(rows, row => row.sessions)), "\u00A0"),
    tile("Turns", format.count(turns), "\u00A0"),
    tile("Tokens", format.compact(total), total ? `${(estimated / total * 100).toFixed(1)} % estimated` : "\u00A0"));
}

// ---- By day

function byDay(rows, tenants, since, span, width, skip, split) {
  const names = [...tenants].sort((a, b) => b.cost_usd - a.cost_usd).map(row => row.tenant);
  const skipped = skip < names.length ? skip : 0;
  const left = new Set(names.slice(0, skipped));
  const own = names.slice(skipped, skipped + MOST);
  const rest = names.length - skipped - own.length;
  // No tenant is called so: names have no line breaks.
  const series = rest > 0 ? [...own, OTHERS] : own;
  const start = Date.parse(`${since}T00:00:00Z`);
  const days = Array.from({ length: span }, (_, place) => ({
    day: new Date(start + place * 86_400_000).toISOString().slice(0, 10), parts: new Map(), total: 0, sessions: 0, turns: 0, tokens: 0 }));
  const byName = new Map(days.map(day => [day.day, day]));
  for (const row of rows) {
    const day = byName.get(row.day);
    if (!day) continue;
    if (left.has(row.tenant)) continue;
    const name = own.includes(row.tenant) ? row.tenant : OTHERS;
    day.parts.set(name, (day.parts.get(name) ?? 0) + row.cost_usd);
    day.total += row.cost_usd;
    day.sessions += row.sessions;
    day.turns += row.turns;
    day.tokens += row.tokens.total;
  }
  const keys = h("p", { class: "legend" });
  const say = day => keys.replaceChildren(...(day
    ? [h("span", {}, h("b", {}, format.day(day.day)), `  ${format.dollars(day.total)}`),
      ...series.filter(name => day.parts.get(name)).map(name => key(series, name, format.dollars(day.parts.get(name))))]
    : [...series.map(name => key(series, name, "")),
      rest > 0 ? h("button", { type: "button", class: "others quiet", onclick: () => split(skipped + MOST) }, `Split the ${format.plural(rest, "other")}`) : "",
      skipped ? h("button", { type: "button", class: "others quiet", onclick: () => split(0) }, `Back to the ${MOST} largest`) : ""]));
  say(null);
  return h("section", { class: "wide card", "aria-labelledby": "by-day" },
    h("header", {}, h("h2", { id: "by-day" }, "Cost by day"), h("p", {}, "UTC days, in dollars")),
    h("div", { class: "chart" }, keys, columns(days, series, say, width)),
    h("details", { class: "table" }, h("summary", {}, "As a table"), dayTable(days)));
}

function key(series, name, value) {
  const square = h("i", {});
  square.style.background = COLOURS[series.indexOf(name)] ?? COLOURS.at(-1);
  return h("span", {}, square, said(name === OTHERS ? "others" : name), value ? `  ${value}` : "");
}

function columns(days, series, say, width) {
  const most = Math.max(...days.map(day => day.total), 0.0001);
  const top = ceiling(most);
  const step = (width - LEFT) / days.length;
  const y = value => HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - 10);
  const parts = [0, 0.25, 0.5, 0.75, 1].flatMap(share => [
    s("line", { class: "grid", x1: LEFT, x2: width, y1: y(top * share), y2: y(top * share) }),
    s("text", { x: LEFT - 8, y: y(top * share) + 4, "text-anchor": "end" }, axis(top * share, top)),
  ]);
  const every = Math.ceil(days.length * 56 / (width - LEFT));
  days.forEach((day, place) => {
    const x = LEFT + place * step;
    const wide = Math.min(step * 0.72, 36);
    let base = 0;
    for (const name of series) {
      const value = day.parts.get(name) ?? 0;
      if (value <= 0) continue;
      const rect = s("rect", { x: x + (step - wide) / 2, width: wide, y: y(base + value), height: Math.max(0.5, y(base) - y(base + value) - 0.5), rx: 1.5 });
      rect.style.fill = COLOURS[series.indexOf(name)];
      parts.push(rect);
      base += value;
    }
    if (place % every === 0) parts.push(s("text", { x: x + step / 2, y: HEIGHT - 5, "text-anchor": "middle" }, format.day(day.day)));
    parts.push(s("rect", { class: "bar-hit", x, width: step, y: 0, height: HEIGHT - BOTTOM,
      onpointerenter: () => say(day), onpointerleave: () => say(null) }));
  });
  return s("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img",
    "aria-label": `Cost by day, from ${format.day(days[0].day)} to ${format.day(days.at(-1).day)}; the table below has the numbers` }, parts);
}

/** The next larger round number. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map(step => step * power).find(step => step >= value) ?? value;
}

/** With as many decimals as a quarter of the axis needs. */
function axis(value, top) {
  const quarter = top / 4;
  const places = [0, 1, 2, 3, 4, 5].find(digits => Math.abs(quarter - Number(quarter.toFixed(digits))) < quarter / 1000) ?? 6;
  return `$${value.toFixed(places)}`;
}

function dayTable(days) {
  const used = days.filter(day => day.sessions || day.turns);
  return h("div", { class: "scroller" }, h("table", { class: "bars" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Day"), ["Sessions", "Turns", "Tokens", "Cost"].map(number))),
    h("tbody", {}, used.map(day => h("tr", {}, h("th", { scope: "row" }, format.day(day.day)),
      cells(day.sessions, day.turns, day.tokens, day.total))))));
}

// ---- Budgets

/** As the command line has it: whole ones, so that 100 means used up. */
function percent(row) {
  const [used, most] = [row.budget_day_used_usd, row.budget_day_usd].map(usd => Math.round(usd * 1e6));
  return most ? Math.floor(used * 100 / most) : 100;
}

/** What is spent today of a tenant's `budget.day_usd`, where it has one. */
function budgets(rows) {
  const bound = rows.filter(row => row.budget_day_usd !== undefined)
    .map(row => ({ ...row, share: row.budget_day_usd ? row.budget_day_used_usd / row.budget_day_usd : 1 }))
    .sort((a, b) => b.share - a.share);
  if (!bound.length) return [];
  return [h("section", { class: "wide card", id: "budgets", "aria-label": "Budgets of today" },
    h("header", {}, h("h2", {}, "Budgets of today"), h("p", {}, "of a UTC day; sessions end with the turn that spends the last of it")),
    h("table", { class: "bars" }, h("tbody", {}, bound.map(row => {
      const fill = h("span", { class: "fill", "aria-hidden": "true" });
      fill.style.width = `calc(${(Math.min(row.share, 1) * 100).toFixed(2)}% - 16px)`;
      return h("tr", {}, h("th", { scope: "row", title: row.tenant }, fill, said(row.tenant)),
        h("td", { class: "num" }, `${format.dollars(row.budget_day_used_usd)} of ${format.dollars(row.budget_day_usd)}`),
        h("td", { class: "num" }, `${percent(row)} %`));
    }))))];
}

// ---- By tenant, by model

function bars(title, field, rows, shown) {
  const sorted = [...rows].sort((a, b) => b.cost_usd - a.cost_usd);
  const most = Math.max(...sorted.map(row => row.cost_usd), 1e-9);
  return h("section", { class: "card", "aria-label": title }, h("header", {}, h("h2", {}, title)),
    h("div", { class: "scroller" }, h("table", { class: "bars" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "hidden" }, field)), ["Sessions", "Turns", "Tokens", "Cost"].map(number))),
      h("tbody", {}, sorted.map(row => {
        const fill = h("span", { class: "fill", "aria-hidden": "true" });
        fill.style.width = `calc(${(row.cost_usd / most * 100).toFixed(2)}% - 16px)`;
        return h("tr", {}, h("th", { scope: "row", title: row[field] }, fill, said(shown(row[field]))),
          cells(row.sessions, row.turns, row.tokens.total, row.cost_usd));
      })))));
}

const number = name => h("th", { scope: "col", class: "num" }, name);

function cells(sessions, turns, tokens, cost) {
  return [format.count(sessions), format.count(turns), format.compact(tokens), format.dollars(cost)]
    .map(text => h("td", { class: "num" }, text));
}

// ---- By modality

function modalities(rows) {
  const lines = [];
  for (const [direction, label] of [["prompt", "Sent"], ["response", "Answered"]]) {
    const names = new Set(rows.flatMap(row => Object.keys(row.tokens[direction])));
    for (const name of names) lines.push([`${label}: ${name}`, sum(rows, row => row.tokens[direction][name] ?? 0)]);
  }
  for (const [name, label] of [["thoughts", "Thoughts"], ["tool_use", "Tool use"], ["cached", "Cached part of the prompt"]]) {
    lines.push([label, sum(rows, row => row.tokens[name])]);
  }
  const used = lines.filter(([, tokens]) => tokens > 0);
  const most = Math.max(...used.map(([, tokens]) => tokens), 1);
  return h("section", { class: "wide card", "aria-label": "Tokens by modality" },
    h("header", {}, h("h2", {}, "Tokens by modality"), h("p", {}, "the whole context is billed again with every turn")),
    h("table", { class: "bars" }, h("tbody", {}, used.map(([label, tokens]) => {
      const fill = h("span", { class: "fill", "aria-hidden": "true" });
      fill.style.width = `calc(${(tokens / most * 100).toFixed(2)}% - 16px)`;
      return h("tr", {}, h("th", { scope: "row" }, fill, said(label)), h("td", { class: "num" }, format.count(tokens)));
    }))));
}
