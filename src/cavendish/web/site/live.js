// What is under way, followed by one stream for all tabs of this browser.
//
// A browser has six connections to a host, shared by its tabs, so no tab may hold one for each picture. One tab has the
// stream of the account's generations, by a Web Lock, and passes on to the others what it hears. When it goes, the next
// has the lock and is told all of it anew. Without locks, as on plain HTTP, a tab has a stream of its own while it is
// seen. Where nothing is heard for a while, a tab asks by itself.

import { ask, ended, post } from "./api.js";

const POLL_MILLISECONDS = 1500;
const FIRST_MILLISECONDS = 4000; // a stream speaks at once, unless something on the way holds it back
const SILENCE_MILLISECONDS = 40_000; // and then every 15 seconds at least
const REOPEN_MILLISECONDS = 15_000; // after a refusal
const RECENT_MAX = 100;
const HOPELESS = [401, 403, 404];

const shared = Boolean(navigator.locks && globalThis.BroadcastChannel);

export class Live {
  #followed = new Map(); // by generation
  #recent = new Map(); // what was heard last of each: it may end before its own answer has come
  #name;
  #channel = null;
  #passed;
  #source = null;
  #speaks = false; // the stream, since it was opened
  #leave = null; // stops waiting for the lock, or gives it back
  #patience = 0; // until then silence is no trouble
  #timer = null;
  #asking = false;

  /** `passed` is called with what other tabs tell of their own. */
  constructor(account, passed = () => {}) {
    this.#name = `cavendish ${account}`;
    this.#passed = passed;
    if (shared) {
      this.#channel = new BroadcastChannel(this.#name);
      this.#channel.onmessage = ({ data }) => this.#hear(data);
    }
    document.addEventListener("visibilitychange", () => {
      if (shared || !this.#followed.size) return;
      if (document.hidden) this.#close();
      else this.#open();
    });
  }

  /** Tell the other tabs. */
  tell(message) { this.#channel?.postMessage(message); }

  /**
   * Call `progress` with every state of a generation until it has ended, and resolve with the last; `away` when the
   * service does not answer. Rejects where it cannot be had.
   */
  follow(id, { progress, away }) {
    return new Promise((resolve, reject) => {
      this.#followed.set(id, { progress, away, resolve, reject });
      const known = this.#recent.get(id);
      if (known) this.#state(id, known);
      else this.#begin();
    });
  }

  #begin() {
    if (this.#timer) return;
    this.#patience = Date.now() + FIRST_MILLISECONDS;
    this.#timer = setInterval(() => this.#look(), POLL_MILLISECONDS);
    this.tell({ kind: "who" }); // leads? Then there is somebody to hear
    if (!shared) { if (!document.hidden) this.#open(); return; }
    const waiting = new AbortController();
    this.#leave = () => waiting.abort();
    navigator.locks.request(this.#name, { signal: waiting.signal }, () => new Promise((leave) => { this.#leave = leave; this.#open(); }))
      .catch(() => {}); // nothing was left to wait for
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = null;
    this.#close();
    this.#leave?.();
    this.#leave = null;
  }

  #open() {
    this.#close();
    this.#patience = Date.now() + FIRST_MILLISECONDS;
    const source = (this.#source = new EventSource("/api/v1/events"));
    const pass = (message) => {
      this.#speaks = message.kind !== "silent";
      this.#hear(message);
      this.tell(message);
    };
    source.addEventListener("running", (event) => pass({ kind: "running", ids: JSON.parse(event.data).generationIds }));
    source.addEventListener("status", (event) => pass({ kind: "status", state: JSON.parse(event.data) }));
    source.addEventListener("error", () => {
      pass({ kind: "silent" });
      if (source.readyState !== EventSource.CLOSED) return; // it comes back by itself
      setTimeout(() => { if (this.#source === source) this.#open(); }, REOPEN_MILLISECONDS);
    });
  }

  #close() {
    this.#source?.close();
    this.#source = null;
    this.#speaks = false;
  }

  #hear(message) {
    const { kind } = message;
    if (kind === "silent") { this.#patience = 0; return; }
    if (kind === "who") { if (this.#speaks) this.tell({ kind: "here" }); return; }
    if (!["here", "running", "status"].includes(kind)) { this.#passed(message); return; }
    this.#patience = Date.now() + SILENCE_MILLISECONDS;
    if (kind === "status") this.#remember(message.state);
    if (kind === "running") for (const id of this.#followed.keys()) if (!message.ids.includes(id)) this.#ask(id);
  }

  #remember(state) {
    this.#recent.delete(state.generationId);
    this.#recent.set(state.generationId, state);
    if (this.#recent.size > RECENT_MAX) this.#recent.delete(this.#recent.keys().next().value);
    this.#state(state.generationId, state);
  }

  #state(id, state) {
    const one = this.#followed.get(id);
    if (!one) return;
    one.progress(state);
    if (ended(state)) this.#end(id, () => one.resolve(state));
    else this.#begin();
  }

  #end(id, last) {
    this.#followed.delete(id);
    last();
    if (!this.#followed.size) this.#stop();
  }

  async #ask(id) {
    const one = this.#followed.get(id);
    if (!one) return;
    try {
      this.#state(id, await post("/api/nano-banana-2/check-status", { generationId: id }));
    } catch (error) {
      if (HOPELESS.includes(error.status)) this.#end(id, () => one.reject(error));
      else one.away();
    }
  }

  /** Where nothing was heard for too long: ask for each, one after another. */
  async #look() {
    if (this.#asking || Date.now() < this.#patience || (document.hidden && !shared)) return;
    this.#asking = true;
    for (const id of [...this.#followed.keys()]) await this.#ask(id);
    this.#asking = false;
  }
}
