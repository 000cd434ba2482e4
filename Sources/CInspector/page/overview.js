// Shown next to the list while no session is chosen: the state of the fleet, whatever the list has been
// narrowed to.

import { h, said, setText } from "./dom.js";
import * as format from "./format.js";
import * as api from "./api.js";
import * as words from "./words.js";

const MOST_TROUBLED = 8;
/** How many ended sessions are counted, and how often anew. */
const NEWEST = 200;
const RHYTHM = 5000;
/** In the order of a turn, trouble last. */
const STATES = ["connecting", "idle", "listening", "thinking", "tool", "speaking", "parked", "stalled", "recovering", "failing", "ending"];
const COLOURS = {
  idle: "var(--good)", listening: "var(--user)", thinking: "color-mix(in srgb, var(--gemini) 50%, var(--surface))", tool: "color-mix(in srgb, var(--gemini) 28%, var(--surface))", speaking: "var(--gemini)",
  parked: "var(--warn)", stalled: "var(--bad)", recovering: "var(--bad)", failing: "var(--bad)",
};

export class Overview {
  /** - ask: filters the list by a query. */
  constructor(ask) {
    this.ask = ask;
    this.strip = h("div", { class: "strip", "aria-hidden": "true" });
    this.states = h("ul", { class: "legend" });
    this.troubled = h("ol", { class: "brief" });
    this.ends = h("ul", { class: "ends" });
    this.upstreams = h("ol", { class: "brief upstreams" });
    this.nodes = h("ol", { class: "brief upstreams" });
    this.nodesNote = h("p", {});
    this.nodesCard = h("section", { class: "card", id: "nodes", hidden: true, "aria-label": "Nodes" },
      h("header", {}, h("h2", {}, "Nodes"), this.nodesNote), this.nodes);
    this.next = 0;
    this.endsNote = h("p", {});
    this.node = h("article", { class: "session overview" },
      h("header", {}, h("div", { class: "title" }, h("h1", { class: "plain" }, "Right now")),
        h("p", { class: "subtitle" }, "Choose a session from the list to see its timeline: ", h("span", {}, h("kbd", {}, "↓"), " and ", h("kbd", {}, "Enter"), ", or a click."))),
      h("section", { class: "card", "aria-label": "Live sessions by activity" },
        h("header", {}, h("h2", {}, "Live sessions"), h("p", {}, "by activity")), h("div", { class: "chart" }, this.strip, this.states)),
      h("section", { class: "card", id: "upstreams", "aria-label": "Gemini" },
        h("header", {}, h("h2", {}, "Gemini"), h("p", {}, "models, and whether the breaker keeps new sessions from them")), this.upstreams),
      this.nodesCard,
      h("section", { class: "card", "aria-label": "Latest trouble" },
        h("header", {}, h("h2", {}, "Latest trouble"), h("p", {}, "what went wrong → what was done about it")), this.troubled),
      h("section", { class: "card", "aria-label": "How sessions ended" },
        h("header", {}, h("h2", {}, "How sessions ended"), this.endsNote), this.ends),
      h("p", { class: "muted" }, "A client finds its session id in the header ", h("code", {}, "x-turnkeeper-session"),
        " of the upgrade, and in every close reason of Turnkeeper's."));
  }

  /** - states: the number of live sessions by what they do. */
  update(states) {
    this.drawStates(states);
    if (Date.now() < this.next) return;
    this.next = Date.now() + RHYTHM;
    this.load();
  }

  async load() {
    try {
      const [troubled, ended, upstreams, nodes] = await Promise.all([
        api.get(`api/sessions?trouble=1&limit=${MOST_TROUBLED}`), api.get(`api/sessions?state=ended&limit=${NEWEST}`),
        api.get("api/upstreams"), api.get("api/nodes")]);
      this.drawTroubled(troubled);
      this.drawEnds(ended);
      this.drawUpstreams(upstreams);
      this.drawNodes(nodes);
    } catch { /* The link's state says so. */ }
  }

  drawStates(states) {
    const counts = STATES.map(state => [state, states[state] ?? 0]).filter(([, number]) => number);
    const print = JSON.stringify(counts);
    if (print === this.statesPrint) return;
    this.statesPrint = print;
    this.strip.replaceChildren(...counts.map(([state, number]) => {
      const part = h("span", {});
      part.style.flexGrow = number;
      part.style.background = COLOURS[state] ?? "var(--line-strong)";
      return part;
    }));
    this.states.replaceChildren(...counts.length ? counts.map(([state, number]) => {
      const square = h("i", { "aria-hidden": "true" });
      square.style.background = COLOURS[state] ?? "var(--line-strong)";
      return h("li", {}, square, `${words.state(state).label}  `, h("b", {}, format.count(number)));
    }) : [h("li", { class: "muted" }, "No live sessions at the moment.")]);
  }

  drawTroubled(sessions) {
    const found = sessions.sort((a, b) => a.started < b.started ? 1 : -1).slice(0, MOST_TROUBLED);
    const print = JSON.stringify(found.map(session => [session, format.ago(session.started)]));
    if (print === this.troubledPrint) return;
    this.troubledPrint = print;
    this.troubled.replaceChildren(...found.length ? found.map(session => {
      const what = session.ended ? words.outcome(session.outcome) : words.state(session.state);
      const troubles = words.counts(session.remedies, "trouble").map(({ text }) => text).join(", ");
      const remedies = words.counts(session.remedies, "remedy").map(({ text }) => text).join(", ");
      // Who is refused, or at a limit, has the reason from us.
      const { code, reason } = [session.gemini_close, session.client_close].find(end => end && end.code !== 1000) ?? {};
      const close = code ? words.close(code, reason) : "";
      return h("li", {}, h("a", { class: "who", href: `#/s/${encodeURIComponent(session.id)}`, title: session.id },
        said(session.tenant), " · ", said(format.model(session.model))),
      h("span", { class: "pill", "data-tone": what.tone }, what.label),
      h("span", { class: "text" }, said([troubles, close].filter(Boolean).join("; ")), remedies ? h("span", { class: "muted" }, ` → ${remedies}`) : null),
      h("span", { class: "muted" }, format.ago(session.started)));
    }) : [h("li", { class: "muted" }, "No session was in trouble.")]);
  }

  drawUpstreams(reported) {
    // What fails comes first; the rest stays in order.
    const weight = ({ failing, failures }) => failing ? 2 : failures ? 1 : 0;
    const upstreams = reported.toSorted((a, b) => weight(b) - weight(a));
    const print = JSON.stringify(upstreams);
    if (print === this.upstreamsPrint) return;
    this.upstreamsPrint = print;
    const several = new Set(upstreams.map(({ upstream }) => upstream)).size > 1;
    this.upstreams.replaceChildren(...upstreams.length ? upstreams.map(({ upstream, model, failing, tries, failures, first_sound_p95: sound }) =>
      h("li", {}, h("span", { class: "who", title: upstream }, said(format.model(model))),
        h("span", { class: "pill", "data-tone": failing ? "bad" : failures ? "warn" : "good" }, failing ? "Breaker open" : failures ? "Some failures" : "Answers"),
        h("span", { class: "text" }, tries ? `${failures} of the latest ${tries} first turns failed` : "no first turn yet",
          failing ? "; new sessions use another model, where the policy names one" : null, several ? said(`; ${upstream}`) : null),
        h("span", { class: "muted" }, sound === null ? "" : `first sound within ${format.duration(sound)}`)))
      : [h("li", { class: "muted" }, "This process has not talked to Gemini yet.")]);
  }

  /** Only a node that shares its ledger knows of others, and of itself. */
  drawNodes(nodes) {
    this.nodesCard.hidden = !nodes.length;
    const print = JSON.stringify(nodes.map(node => ({ ...node, silent_s: node.state === "silent" ? Math.round(node.silent_s) : 0 })));
    if (print === this.nodesPrint) return;
    this.nodesPrint = print;
    const serving = nodes.filter(({ state }) => state === "serving");
    const differ = ["version", "policies"].filter(field => new Set(serving.map(node => node[field])).size > 1);
    setText(this.nodesNote, differ.length ? `${differ.map(field => field === "version" ? "versions" : "policies").join(" and ")} differ`
      : "with the same version and policies");
    this.nodes.replaceChildren(...nodes.map(node => h("li", {},
      h("span", { class: "who", title: node.admin ? `its admin port: ${node.admin}` : "without an admin port" }, said(node.node)),
      h("span", { class: "pill", "data-tone": words.node(node.state).tone }, words.node(node.state).label),
      h("span", { class: "text" }, said(`version ${node.version}, policies ${node.policies || "unknown"}`),
        node.state === "silent" ? h("span", { class: "muted" }, `; last heard of ${format.duration(node.silent_s)} ago`) : null),
      h("span", { class: "muted" }, format.plural(node.sessions, "session")))));
  }

  drawEnds(ended) {
    const counts = new Map();
    for (const session of ended) {
      const code = session.client_close?.code;
      const key = `${session.outcome}\n${code ?? ""}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const sorted = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 8);
    setText(this.endsNote, ended.length ? `of the newest ${format.count(ended.length)}` : "");
    const print = JSON.stringify(sorted);
    if (print === this.endsPrint) return;
    this.endsPrint = print;
    this.ends.replaceChildren(...sorted.length ? sorted.map(([key, number]) => {
      const [outcome, code] = key.split("\n");
      const { label, tone } = words.outcome(outcome);
      const asked = code ? `outcome:${outcome} code:${code}` : `outcome:${outcome}`;
      return h("li", {}, h("button", { type: "button", title: `Show them: ${asked}`, onclick: () => this.ask(asked) },
        h("span", { class: "pill", "data-tone": tone }, label), code ? h("span", { class: "mono" }, code) : null, h("b", {}, format.count(number))));
    }) : [h("li", { class: "muted" }, "No session has ended yet.")]);
  }
}
