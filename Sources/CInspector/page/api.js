// Requests to the API, and its streams. If the port requires a token, it is kept for this tab only
// and sent as a header, which is why streams are read with fetch.

const TOKEN = "turnkeeper-admin-token";

/** No byte for this long, not even the heartbeat of every ten seconds: the connection is dead. */
const SILENCE = 25_000;
const PATIENCE = [500, 1000, 2000, 4000, 8000];

export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let token = "";
try { token = sessionStorage.getItem(TOKEN) ?? ""; } catch { /* storage may be forbidden */ }

let asking = null;

/** Set by the page: asks for the token; its argument says whether a previous one was refused. */
export const login = { ask: async () => "" };

async function newToken(wasRefused) {
  asking ??= login.ask(wasRefused).finally(() => { asking = null; });
  token = await asking;
  try { sessionStorage.setItem(TOKEN, token); } catch { /* as above */ }
}

async function request(path, options = {}) {
  for (;;) {
    const sent = token;
    const headers = { ...options.headers };
    if (sent) headers.Authorization = `Bearer ${sent}`;
    let response;
    try {
      response = await fetch(path, { ...options, headers, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Problem(0, "The server cannot be reached.");
    }
    if (response.status === 401) {
      // Several requests may be refused at once; one new token is enough for all.
      if (sent === token) await newToken(sent !== "");
      continue;
    }
    if (!response.ok) throw new Problem(response.status, await words(response));
    return response;
  }
}

async function words(response) {
  try {
    return String((await response.json()).error ?? response.statusText);
  } catch {
    return `The server answered ${response.status}.`;
  }
}

/** The answer to a request, and the address of its next page. */
export async function page(path, options) {
  const response = await request(path, options);
  const link = /<([^>]*)>;\s*rel="next"/.exec(response.headers.get("link") ?? "");
  return { rows: await response.json(), next: link ? new URL(link[1], response.url).href : null };
}

export const get = async (path, options) => (await request(path, options)).json();

export const post = async path => (await request(path, { method: "POST" })).json();

export const file = async path => (await request(path)).blob();

/**
 * Follows server-sent events until it is closed. Reconnects by itself and continues where it was.
 * - `heard(name, data, id)` for each event;
 * - `changed(state)` with `live` or `lost`;
 * - `failed(problem)` if reconnecting is pointless.
 */
export function follow(path, { heard, changed, failed }) {
  let controller = null;
  let lastID = "";
  let isClosed = false;
  let attempt = 0;

  async function run() {
    while (!isClosed) {
      controller = new AbortController();
      const watch = watchdog(() => controller.abort());
      try {
        const headers = { Accept: "text/event-stream" };
        if (lastID) headers["Last-Event-ID"] = lastID;
        const response = await request(path, { headers, signal: controller.signal });
        watch.reset();
        attempt = 0;
        changed?.("live");
        for await (const event of events(response.body, watch)) {
          if (isClosed) return;
          if (event.id) lastID = event.id;
          heard(event.name, JSON.parse(event.data), event.id);
          if (event.name === "end") return close();
        }
      } catch (error) {
        if (isClosed) return;
        if (error.status >= 400 && error.status < 500) {
          failed?.(error);
          return close();
        }
        if (error.status === 503) failed?.(error);
      } finally {
        watch.stop();
      }
      if (isClosed) return;
      changed?.("lost");
      const wait = PATIENCE[Math.min(attempt++, PATIENCE.length - 1)];
      await new Promise(done => setTimeout(done, wait * (0.75 + Math.random() / 2)));
    }
  }

  function close() {
    isClosed = true;
    controller?.abort();
  }

  run();
  return { close };
}

function watchdog(bite) {
  let timer = 0;
  const reset = () => { clearTimeout(timer); timer = setTimeout(bite, SILENCE); };
  return { reset, stop: () => clearTimeout(timer) };
}

/** Events of a stream, parsed by the HTML standard as far as this server uses it. */
async function* events(body, watch) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    watch.reset();
    rest += value;
    for (let end; (end = rest.indexOf("\n\n")) >= 0; rest = rest.slice(end + 2)) {
      const event = { name: "message", id: "", data: "" };
      for (const line of rest.slice(0, end).split("\n")) {
        if (line.startsWith("data: ")) event.data += line.slice(6);
        else if (line.startsWith("event: ")) event.name = line.slice(7);
        else if (line.startsWith("id: ")) event.id = line.slice(4);
      }
      if (event.data) yield event;
    }
  }
}
