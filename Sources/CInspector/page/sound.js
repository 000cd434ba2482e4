// Plays a session's recording: the user to the left, Gemini to the right, at the timeline's times.

import { h, said, setText } from "./dom.js";
import * as api from "./api.js";

/** Seconds requested at once, and how long before their end the next are requested. */
const WINDOW = 20;
const AHEAD = 8;

export class Sound {
  /** - moved(seconds): where it plays; null when it stops. - found(spans): where there is sound. */
  constructor(id, { moved, found }) {
    this.path = `api/sessions/${encodeURIComponent(id)}`;
    this.moved = moved;
    this.found = found;
    this.position = 0;
    this.end = 0;
    this.run = 0;
    this.button = h("button", { type: "button", hidden: true, "aria-pressed": "false", title: "Listen to the recording: user left, Gemini right (p)",
      onclick: () => this.toggle() }, "▶ Listen");
    this.problem = h("span", { class: "muted", role: "status" });
    this.node = h("span", { class: "listen" }, this.problem, this.button);
    this.look();
  }

  async look() {
    try {
      const spans = await api.get(`${this.path}/sound`);
      this.end = Math.max(0, ...[...spans.user, ...spans.gemini].map(([, to]) => to));
      this.start = Math.min(...[...spans.user, ...spans.gemini].map(([from]) => from));
      this.button.hidden = this.end === 0;
      if (this.end > 0) this.found(spans);
    } catch { /* Without a recording there is nothing to say. */ }
  }

  get isPlaying() { return this.run > 0; }

  toggle() {
    if (this.isPlaying) return this.stop();
    this.seek(this.position > 0 && this.position < this.end - 0.2 ? this.position : Math.max(0, this.start - 0.2));
  }

  /** Plays from a moment on. */
  async seek(seconds) {
    this.stop();
    // Before anything is awaited: whoever seeks or stops meanwhile is obeyed, and this run ends.
    const run = this.run = Date.now() + Math.random();
    const context = this.context = new AudioContext();
    this.position = seconds;
    this.button.setAttribute("aria-pressed", "true");
    setText(this.button, "❚❚ Pause");
    setText(this.problem, "");
    let from = seconds;
    let zero = null;
    try {
      await this.look();
      while (run === this.run && from < this.end) {
        const wav = await (await api.file(`${this.path}/sound.wav?from=${from.toFixed(3)}&seconds=${WINDOW}`)).arrayBuffer();
        if (run !== this.run) return;
        const buffer = await context.decodeAudioData(wav);
        if (run !== this.run) return;
        // Begins when the first window is here; later ones follow without a gap.
        zero ??= context.currentTime + 0.05 - seconds;
        const source = context.createBufferSource();
        source.buffer = buffer;
        source.connect(context.destination);
        const late = Math.max(0, context.currentTime - (zero + from));
        source.start(Math.max(context.currentTime, zero + from), late);
        if (from === seconds) this.tick(run, context, () => context.currentTime - zero);
        from += WINDOW;
        while (run === this.run && context.currentTime - zero < from - AHEAD && from < this.end) await new Promise(done => setTimeout(done, 250));
      }
      // Nothing is recorded from there on.
      if (run === this.run && zero === null) this.stop();
    } catch (problem) {
      if (run !== this.run) return;
      this.stop();
      this.problem.replaceChildren(said(problem.message));
    }
  }

  tick(run, context, now) {
    if (run !== this.run) return;
    this.position = Math.max(0, now());
    if (this.position >= this.end) { this.position = 0; return this.stop(); }
    this.moved(this.position);
    requestAnimationFrame(() => this.tick(run, context, now));
  }

  stop() {
    this.run = 0;
    this.context?.close();
    this.context = null;
    this.button.setAttribute("aria-pressed", "false");
    setText(this.button, "▶ Listen");
    this.moved(null);
  }
}
