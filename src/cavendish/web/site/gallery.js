// What was made before: newest first, a page at a time as it comes into sight.

import { $, button, confirm, h, said, show, toast, tried } from "./dom.js";
import { ask, ended, get, small } from "./api.js";

const PAGE = 24;
const AHEAD_PIXELS = 600;
const TYPING_MILLISECONDS = 250;

const lost = (event) => event.target.replaceWith(h("span", { class: "none" }, "Could not be loaded"));

export class Gallery {
  #cursor = null;
  #done = true; // until the first page is asked for
  #loading = null;
  #tiles = new Map();
  #options;
  #list = $("#gallery");

  constructor(options) {
    this.#options = options;
    new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) this.#more(); }, { rootMargin: `${AHEAD_PIXELS}px` })
      .observe($("#gallery-end"));
    let typing;
    $("#find").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => this.reload(), TYPING_MILLISECONDS); });
  }

  reload() {
    this.#cursor = null;
    this.#done = false;
    this.#loading = null;
    return this.#more({ fresh: true });
  }

  /** One that was just ordered; a search that does not hold it leaves it out. */
  add(generation) {
    if (this.#tiles.get(generation.generationId)?.isConnected) return;
    const text = this.#sought().toLowerCase();
    if (text && !generation.prompt.toLowerCase().includes(text)) return;
    this.#list.prepend(this.#tile(generation));
    this.#tellEmpty();
  }

  /** What has become of one that is shown. Its tile stays where it is. */
  replace(generation) {
    const old = this.#tiles.get(generation.generationId);
    if (old?.isConnected) old.replaceWith(this.#tile(generation));
  }

  #sought() { return $("#find").value.trim(); }

  async #more({ fresh = false } = {}) {
    if (this.#loading || this.#done) return;
    const query = new URLSearchParams({ limit: PAGE });
    if (this.#cursor) query.set("cursor", this.#cursor);
    if (this.#sought()) query.set("q", this.#sought());
    const mine = (this.#loading = get(`/api/v1/generations?${query}`));
    try {
      const page = await mine;
      if (mine !== this.#loading) return; // another search was begun meanwhile
      if (fresh) { this.#tiles.clear(); show(this.#list); }
      for (const one of page.generations) {
        if (!this.#tiles.get(one.generationId)?.isConnected) this.#list.append(this.#tile(one));
      }
      this.#cursor = page.nextCursor ?? null;
      this.#done = !this.#cursor;
      this.#tellEmpty();
    } catch (error) {
      if (mine !== this.#loading) return;
      this.#done = true;
      this.#tellTrouble(error);
    } finally {
      if (mine === this.#loading) this.#loading = null;
    }
    if (!this.#done && $("#gallery-end").getBoundingClientRect().top < innerHeight + AHEAD_PIXELS) this.#more();
  }

  #tellEmpty() {
    const empty = $("#gallery-empty");
    empty.hidden = this.#list.children.length > 0 || !this.#done;
    show(empty, this.#sought()
      ? ["None of your prompts holds “", said(this.#sought()), "”."]
      : "Nothing here yet. Click an example above, then “Make picture”: what you make is kept here.");
  }

  #tellTrouble(error) {
    const empty = $("#gallery-empty");
    empty.hidden = false;
    show(empty, error.message, " ", button("Try again", () => { this.#done = false; this.#more(); }, { class: "small" }));
  }

  #tile(generation) {
    if (!ended(generation)) this.#options.running(generation);
    const picture = generation.imageUrl
      ? h("img", { src: small(generation.imageUrl), alt: "", loading: "lazy", decoding: "async", fetchpriority: "low", onerror: lost })
      : h("span", { class: "none" }, said(generation.error ?? "Being made"));
    const name = generation.prompt.slice(0, 120);
    const tile = h("li", { class: "tile" },
      h("button", { type: "button", class: "look", "aria-label": `Show: ${name}`, onclick: tried(() => this.#options.open(generation)) }, picture),
      h("div", { class: "foot" }, h("span", { title: generation.prompt.slice(0, 500) }, said(generation.prompt.slice(0, 200))),
        ended(generation) && button("×", tried(() => this.#remove(generation)), { class: "small bare", "aria-label": `Delete: ${name}` })));
    this.#tiles.set(generation.generationId, tile);
    return tile;
  }

  async #remove(generation) {
    if (!(await confirm("Delete this picture?", "It is gone for good. What it cost stays in your statement.", "Delete"))) return;
    await ask("DELETE", `/api/v1/generations/${generation.generationId}`);
    const tile = this.#tiles.get(generation.generationId);
    const next = tile?.nextElementSibling ?? tile?.previousElementSibling;
    tile?.remove();
    ($(".look", next ?? undefined) ?? $("#find")).focus(); // the keyboard goes on from where it was
    this.#options.gone(generation.generationId);
    this.#tellEmpty();
    toast("Deleted");
  }
}
