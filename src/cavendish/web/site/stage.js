// The picture in the middle: its place, waiting, there, or failed; and everything that is known about it.

import { $, button, copy, h, moment, number, said, sentence, show, toast } from "./dom.js";
import { here } from "./api.js";
import { snippets } from "./snippets.js";

const WORDS = { pending: "Waiting for its turn", generating: "Drawing" };
const WAYS_OUT = {
  CONTENT_BLOCKED: "Say it in other words, or leave out what may be sensitive.",
  SAFEGUARD_REFUSED: "This service never makes such a picture. If something else was meant, tell your operator.",
  INPUT_IMAGE_FAILED: "See that its address opens a picture, or add the file itself.",
  GENERATION_FAILED: "Try again; another seed or fewer details may help.",
  EXPIRED: "The service has much to do; try again in a while.",
};
const CANCELLED = "CANCELLED";
const ENDS = { completed: "Another picture is ready", failed: "Another picture failed; it cost nothing", [CANCELLED]: "Another picture was cancelled; it cost nothing" };
const LONG = 300; // characters of a prompt that are shown unasked

export class Stage {
  #options;
  #current = null; // what is shown: a run, a finished picture, or nothing
  #told = new Set(); // whose end was told here

  constructor(options) { this.#options = options; }

  #take(what) {
    this.#current = what;
    this.#options.changed();
  }

  get shown() { return this.#current?.generationId; }

  /** Nothing yet: the place is kept in the shape that will come. Leaves a picture alone. */
  idle(ratio) {
    if (this.#current) return;
    this.#shape(ratio);
    show($("#frame"), h("div", { class: "waiting" }, mark(100)));
    show($("#under"), h("p", { class: "hint" }, "Your picture appears here."));
    show($("#result"));
  }

  /** What is under way. It has the place from `show` until something else takes it; its end is told anyway, once. */
  run(wanted) {
    const run = { generationId: wanted.generationId };
    const shown = () => run === this.#current;
    const bar = h("progress", { max: 100, "aria-label": "Progress" });
    const words = h("p", { class: "words" });
    const fruit = mark(0);
    const stop = this.#stop(wanted.generationId);
    let step = "";
    run.progress = ({ status, progress = 0 }) => {
      const word = WORDS[status] ?? "Finishing";
      bar.value = progress;
      ripen(fruit, progress);
      words.textContent = status === "generating" ? `${word} · ${progress} %` : word;
      const next = `${word}, ${Math.floor(progress / 25) * 25} percent`; // not every percent is worth hearing
      if (shown() && next !== step) this.#say(next);
      step = next;
    };
    run.away = () => { words.textContent = "The service does not answer; asking again"; };
    run.show = () => {
      if (shown()) return;
      this.#take(run);
      this.#shape(wanted.aspectRatio);
      show($("#frame"), h("div", { class: "waiting moving" }, fruit));
      show($("#under"), h("div", { class: "doing" }, bar, words, ...stop));
      show($("#result"), this.#about(wanted));
      this.#say(step);
    };
    run.end = (generation) => {
      const first = !this.#told.has(run.generationId);
      this.#told.add(run.generationId);
      if (shown()) this.#fill(generation, { fresh: true });
      else if (first && !document.hidden) toast(ENDS[generation.errorCode] ?? ENDS[generation.status]);
    };
    run.refused = (ratio) => { if (shown()) this.clear(ratio); };
    run.progress(wanted);
    return run;
  }

  /** The way out of what is under way, and why there is none. */
  #stop(id) {
    const why = h("p", { class: "hint why" });
    const press = button("Cancel", async () => {
      press.disabled = true;
      why.textContent = "";
      try {
        await this.#options.cancel(id); // its end is told as any other
      } catch (error) {
        press.disabled = false;
        why.textContent = sentence(error.message);
        this.#say(why.textContent);
        if (error.status !== 409) return;
        if (document.activeElement === document.body || document.activeElement === press) this.#focus();
        press.remove(); // what was said will stay true
      }
    }, { class: "small" });
    return [press, why];
  }

  clear(ratio) {
    this.#take(null);
    this.idle(ratio);
  }

  /** A picture was deleted. */
  forget(id, ratio) { if (this.shown === id) this.clear(ratio); }

  /** A finished one of the list. */
  show(generation) {
    this.#fill(generation, { fresh: false });
  }

  #fill(generation, { fresh }) {
    this.#take(generation);
    const url = generation.status === "completed" && generation.imageUrl ? here(generation.imageUrl) : null;
    // A fresh one keeps the place it has: the engines' sizes are a hair off the ratio.
    if (!fresh) this.#shape(url ? `${generation.width}:${generation.height}` : generation.aspectRatio);
    if (url) {
      this.#load(url, generation.prompt, fresh ? "The picture is there" : "");
      show($("#under"), this.#actions(generation));
    } else {
      const gone = generation.creditsCharged > 0; // there was a picture
      const text = generation.error || "It failed.";
      const cancelled = generation.errorCode === CANCELLED;
      const way = !gone && `${WAYS_OUT[generation.errorCode] ?? ""} Nothing was charged.`;
      show($("#frame"), h("div", { class: "waiting failed" }, mark(0)));
      show($("#under"), h("p", { class: cancelled ? "note" : "note bad", id: "failure" }, said(sentence(text)), " ", way), this.#actions(generation));
      if (fresh) this.#say(cancelled ? text : `Failed: ${text}`);
      if (fresh && cancelled && document.activeElement === document.body) this.#focus(); // what was pressed is gone
    }
    show($("#result"), this.#about(generation));
  }

  /** The mark stays until the picture has come; one that does not come is told, and can be asked for again. */
  #load(url, alt, told) {
    const image = h("img", { alt, id: "picture", fetchpriority: "high", src: url });
    const waiting = h("div", { class: "waiting moving" }, mark(100));
    const again = () => { this.#load(url, alt, told); $("#frame").focus(); };
    image.addEventListener("load", () => {
      this.#say(told);
      waiting.remove();
      image.classList.add("there");
    });
    image.addEventListener("error", () => show($("#frame"), h("div", { class: "waiting lost", id: "lost", role: "alert" },
      h("p", {}, "The picture could not be loaded. Loading it again costs nothing."), button("Load it again", again))));
    show($("#frame"), waiting, image);
  }

  /** The keyboard goes on from the picture's place. */
  #focus() { $("#frame").focus({ preventScroll: true }); }

  #say(text) { $("#progress-told").textContent = text; }

  /** Below the form where the page is narrow: the place whole, and what is told under it. */
  reveal() { for (const part of ["#under", "#frame"]) $(part).scrollIntoView({ block: "nearest" }); }

  #shape(ratio) {
    const [across, down] = ratio.split(":").map(Number);
    const frame = $("#frame");
    frame.style.aspectRatio = `${across} / ${down}`;
    frame.style.maxWidth = `calc(74vh * ${across / down})`; // tall ones are as high as the window, not as wide as the page
  }

  #actions(generation) {
    const url = generation.imageUrl ? here(generation.imageUrl) : null;
    const again = `${url ? "Again with another seed" : "Try again"} · ${number(this.#options.price(generation.imageQuality))} credits`;
    return h("div", { class: "actions" },
      url && h("a", { class: "button", href: url, download: url.split("/").pop() }, "Download"),
      url && button("Copy link", () => copy(new URL(url, location.href).href, "Link copied")),
      url && button("Use as input", () => this.#options.use(generation.imageUrl)),
      button(again, () => this.#options.again(generation)));
  }

  /** The label beside the picture: words first, then how it was made. */
  #about(generation) {
    return [
      caption(generation.prompt),
      h("dl", { class: "facts" }, ...facts(generation)),
      this.#grounding(generation),
      this.#code(order(generation), generation.model),
      ...(generation.warnings ?? []).map((text) => h("p", { class: "hint" }, said(text))),
      generation.notes?.ignored?.length > 0 && h("p", { class: "hint" }, "Not drawn from your words: ", said(generation.notes.ignored.join(", ")), "."),
    ];
  }

  #grounding(generation) {
    const found = generation.grounding;
    if (!found) return null;
    const sources = (found.sources ?? []).filter((one) => /^https?:/.test(one.url));
    return h("section", { class: "panel", "aria-label": "Web search" },
      found.renderedContent && h("iframe", { class: "suggestions", title: "Google search suggestions", sandbox: "allow-popups allow-popups-to-escape-sandbox", src: `/api/v1/generations/${generation.generationId}/grounding` }),
      sources.length > 0 && h("ul", {}, ...sources.map((one) => h("li", {}, h("a", { href: one.url, rel: "noopener noreferrer nofollow", target: "_blank" }, said(one.title || one.url))))));
  }

  #code(body, model) {
    const texts = snippets(location.origin, model, body);
    const names = Object.keys(texts);
    const box = h("pre", { tabindex: 0, id: "code", role: "tabpanel" });
    const tabs = names.map((name, index) => h("button", { class: "small", type: "button", role: "tab", id: `code-${index}`, "aria-controls": "code", onclick: () => choose(index) }, name));
    const choose = (index) => {
      box.textContent = texts[names[index]];
      box.setAttribute("aria-labelledby", `code-${index}`);
      tabs.forEach((tab, at) => { tab.setAttribute("aria-selected", String(at === index)); tab.tabIndex = at === index ? 0 : -1; });
    };
    const move = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = (tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length;
      choose(next);
      tabs[next].focus();
    };
    choose(0);
    return h("details", {},
      h("summary", {}, "This request in your program"),
      h("div", { class: "code" },
        h("div", { class: "spread" },
          h("div", { class: "tabs", role: "tablist", "aria-label": "Language", onkeydown: move }, ...tabs),
          button("Copy", () => copy(box.textContent), { class: "small" })),
        box,
        h("p", { class: "hint" }, "It reads your API key from the variable CAVENDISH_KEY; ", h("a", { href: "/console#keys" }, "make a key"), ".")));
  }
}

/** The fruit ripens while one waits. */
function mark(progress) {
  const fruit = h("path", { d: "M6 5c1 12 8 19 20 19 1 0 2 1 1 2-3 3-8 4-12 3C7 27 2 18 4 6z" });
  const image = h("svg", { viewBox: "0 0 32 32", class: "fruit", "aria-hidden": "true" }, fruit, h("path", { d: "M6 5 4 6C3 4 4 3 5 3z", class: "stem" }));
  ripen(image, progress);
  return image;
}

function ripen(image, progress) {
  const ripe = progress / 100;
  image.firstChild.setAttribute("fill", `hsl(${Math.round(92 - 47 * ripe)} ${Math.round(36 + 51 * ripe)}% ${Math.round(46 + 10 * ripe)}%)`);
}

function caption(text) {
  const words = h("p", { class: "caption" }, said(text.length > LONG ? `${text.slice(0, LONG).trimEnd()}…` : text));
  if (text.length <= LONG) return words;
  const more = button("Show the whole prompt", () => { show(words, said(text)); more.remove(); }, { class: "small" });
  return h("div", {}, words, more);
}

function order(generation) {
  const body = { prompt: generation.prompt, mode: generation.mode, aspectRatio: generation.aspectRatio, imageQuality: generation.imageQuality };
  if (generation.inputImageUrls?.length) body.inputImageUrls = generation.inputImageUrls;
  if (generation.googleSearch) body.googleSearch = true;
  if (generation.seed !== undefined) body.seed = generation.seed;
  return body;
}

function facts(generation) {
  const lines = [
    ["Shape", generation.aspectRatio],
    ["Size", generation.width ? `${generation.width} × ${generation.height}` : generation.imageQuality],
    ["Seed", generation.seed],
    ["Cost", generation.creditsCharged !== undefined ? `${number(generation.creditsCharged)} credits` : undefined],
    ["Drawn by", generation.engineModel],
    ["Made", generation.createdAt && moment(generation.createdAt)],
  ];
  return lines.filter(([, value]) => value !== undefined).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
}
