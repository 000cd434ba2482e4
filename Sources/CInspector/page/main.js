// The page as a whole: views, keys, colours, login, and the events of all sessions.

import { announce, byId, setText } from "./dom.js";
import * as format from "./format.js";
import * as api from "./api.js";
import { needsAttention } from "./words.js";
import { SessionList } from "./list.js";
import { Overview } from "./overview.js";
import { SessionView } from "./session.js";
import { UsageView } from "./usage.js";

const THEME = "turnkeeper-theme";
/** A hidden tab closes its connections after this time. */
const AWAY = 60_000;

const list = new SessionList((id, withFocus) => { wantsFocus = withFocus; location.hash = `#/s/${encodeURIComponent(id)}`; });
const overview = new Overview(text => {
  search.value = text;
  searched(0);
  search.focus();
});
const session = new SessionView(byId("detail"), overview.node);
const usage = new UsageView(byId("usage-view"));
let wantsFocus = false;
let news = null;
let isStarted = false;

// ---- Views

function route() {
  const [, view, id] = location.hash.split("/");
  const isUsage = view === "usage";
  byId("usage-view").hidden = !isUsage;
  byId("sessions-view").hidden = isUsage;
  for (const link of document.querySelectorAll("[data-view]")) {
    const isHere = (link.dataset.view === "usage") === isUsage;
    if (isHere) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  const chosen = view === "s" && id ? decode(id) : null;
  byId("sessions-view").classList.toggle("open", chosen !== null);
  list.select(isUsage ? list.selected : chosen);
  if (isUsage) { session.close(); usage.open(); } else { usage.close(); session.open(chosen); }
  document.title = isUsage ? "Usage – Turnkeeper" : chosen ? `${chosen.slice(0, 10)} – Turnkeeper` : "Turnkeeper";
  if (wantsFocus) byId("detail").focus();
  wantsFocus = false;
}

function decode(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

// ---- News

function listen() {
  news = api.follow("api/events", {
    heard(name, data) {
      if (name === "sessions") { list.hear(data); count(); }
      if (name === "reset") list.load();
      if (name === "fleet") {
        setText(byId("fleet-live"), format.count(data.live));
        states = data.states;
        count();
        if (data.ledger.lost > lost) announce(`The ledger has lost ${data.ledger.lost} records`);
        lost = data.ledger.lost;
        show(linkState);
      }
    },
    changed(state) {
      // Whatever happened meanwhile is in the ledger.
      if (state === "live" && isStarted && linkState === "lost") list.load();
      show(state);
    },
    failed(problem) { show("lost", problem.message); },
  });
}

let lost = 0;
/** Live sessions of the whole fleet by what they do, whatever the list shows. */
let states = {};
let linkState = "";

function show(state, text) {
  linkState = state;
  const node = byId("link-state");
  node.dataset.state = state;
  node.title = text ?? "";
  // Records that the ledger lost are missing here, so readers are told.
  const gaps = lost ? `, ${format.plural(lost, "record")} lost` : "";
  setText(node.lastElementChild, state === "live" ? `Live${gaps}` : "Reconnecting");
}

function count() {
  const number = Object.entries(states).reduce((sum, [state, sessions]) => needsAttention(state) ? sum + sessions : sum, 0);
  setText(byId("fleet-attention"), format.count(number));
  byId("fleet-attention-box").classList.toggle("alarm", number > 0);
  if (overview.node.isConnected && !document.hidden) overview.update(states);
}

async function countCost() {
  try {
    const rows = await api.get("api/usage?by=tenant&since=today");
    setText(byId("fleet-cost"), format.dollars(rows.reduce((sum, row) => sum + row.cost_usd, 0)));
  } catch { setText(byId("fleet-cost"), "–"); }
}

let away = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(away);
  if (!document.hidden) {
    if (news === null && isStarted) { listen(); list.load(); route(); }
    return;
  }
  away = setTimeout(() => { news?.close(); news = null; session.close(); }, AWAY);
});

// ---- Search

const search = byId("search");
let searchTimer = 0;
let loading = null;

function searched(wait) {
  clearTimeout(searchTimer);
  searchTimer = setTimeout(() => {
    const text = search.value.trim();
    if (text === list.query) return;
    list.query = text;
    loading = list.load();
  }, wait);
}
search.addEventListener("input", () => searched(180));
byId("search-form").addEventListener("submit", event => {
  event.preventDefault();
  clearTimeout(searchTimer);
  const text = search.value.trim();
  if (text !== list.query) { list.query = text; loading = list.load(); }
  const asked = list.query;
  Promise.resolve(loading).then(() => { if (asked && asked === list.query && list.openOnly()) return; list.step(1); });
});

const chips = [...byId("filters").children];
function choose(chip) {
  for (const other of chips) {
    other.setAttribute("aria-checked", String(other === chip));
    other.tabIndex = other === chip ? 0 : -1;
  }
  list.filter = chip.dataset.filter;
  list.load();
}
byId("filters").addEventListener("click", event => { if (event.target.dataset.filter !== undefined) choose(event.target); });
byId("filters").addEventListener("keydown", event => {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const next = chips[(chips.indexOf(document.activeElement) + by + chips.length) % chips.length];
  next.focus();
  choose(next);
});

// ---- Keys

document.addEventListener("keydown", event => {
  const isTyping = /^(?:INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) return escape(isTyping);
  if (event.defaultPrevented || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const inTimeline = event.target.closest?.(".stage");
  const keys = {
    "/": () => { if (location.hash.startsWith("#/usage")) location.hash = "#/"; search.focus(); search.select(); },
    "?": () => byId("help").showModal(),
    t: nextTheme,
    p: () => session.sound?.toggle(),
    u: () => { location.hash = "#/usage"; },
    s: () => { location.hash = "#/"; },
    j: () => list.step(1),
    k: () => list.step(-1),
  };
  if (!inTimeline && !event.target.closest?.("[role=tablist], #list")) {
    keys.ArrowDown = keys.j;
    keys.ArrowUp = keys.k;
  }
  // Elsewhere, arrow keys scroll.
  if (event.target.closest?.("#detail, #usage-view")) { delete keys.ArrowDown; delete keys.ArrowUp; }
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

function escape(isTyping) {
  if (isTyping && document.activeElement === search) {
    if (search.value) { search.value = ""; searched(0); } else byId("list").focus();
    return;
  }
  if (location.hash.startsWith("#/s/")) { location.hash = "#/"; byId("list").focus(); }
}

byId("help-open").addEventListener("click", () => byId("help").showModal());

// ---- Colours

const THEMES = ["auto", "light", "dark"];
let theme = "auto";
try { theme = localStorage.getItem(THEME) ?? "auto"; } catch { /* storage may be forbidden */ }

function applyTheme() {
  if (!THEMES.includes(theme)) theme = "auto";
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  setText(byId("theme-name"), { auto: "Auto", light: "Light", dark: "Dark" }[theme]);
  byId("theme").setAttribute("aria-label", `Colours: ${theme}`);
}

function nextTheme() {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  try { localStorage.setItem(THEME, theme); } catch { /* as above */ }
  applyTheme();
  announce(`Colours: ${theme}`);
}
byId("theme").addEventListener("click", nextTheme);

// ---- Login

api.login.ask = wasRefused => new Promise(done => {
  const [dialog, input] = [byId("login"), byId("token")];
  setText(byId("login-error"), wasRefused ? "Wrong token." : "");
  input.value = "";
  dialog.addEventListener("cancel", event => event.preventDefault());
  byId("login-form").onsubmit = event => {
    event.preventDefault();
    dialog.close();
    done(input.value.trim());
  };
  if (!dialog.open) dialog.showModal();
  input.focus();
});

// ---- Start

applyTheme();
addEventListener("hashchange", route);
route();
await list.load();
isStarted = true;
count();
countCost();
listen();
setInterval(() => { if (!document.hidden) countCost(); }, 60_000);
setInterval(count, 1000);
