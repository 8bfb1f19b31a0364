// Pictures to edit: by address, by file, by drop, by paste. Files are uploaded at once and shown from this browser.

import { $, button, h, sentence, show } from "./dom.js";
import { ask, here } from "./api.js";

const TYPES = /^image\/(png|jpeg|webp|gif|avif|heic)$/;
const BYTES_MAX = 20_000_000; // as the service takes

export class Inputs {
  #list = [];
  #options;

  constructor(options) {
    this.#options = options;
    const drop = $("#drop");
    $("#files").addEventListener("change", (event) => { this.take([...event.target.files]); event.target.value = ""; });
    $("#add-url").addEventListener("click", () => this.#addTyped());
    $("#input-url").addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); this.#addTyped(); }
    });
    for (const name of ["dragenter", "dragover"]) {
      document.addEventListener(name, (event) => {
        if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
        event.preventDefault();
        drop.classList.add("over");
      });
    }
    for (const name of ["dragleave", "drop"]) document.addEventListener(name, () => drop.classList.remove("over"));
    document.addEventListener("drop", (event) => {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      this.#edit();
      this.take([...event.dataTransfer.files]);
    });
    document.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) { event.preventDefault(); this.#edit(); this.take(files); }
    });
  }

  urls() { return this.#list.filter((one) => one.url).map((one) => one.url); }
  kept() { return this.#list.filter((one) => one.url).map(({ url, name }) => ({ url, name })); }
  busy() { return this.#list.some((one) => !one.url); }

  /** A picture that is on the web already. */
  add(url) {
    if (this.#full()) return;
    this.restore([...this.#list, { url }]);
  }

  restore(list) {
    this.#list = list.map((one) => one.preview === undefined ? { ...one, preview: here(one.url).startsWith("/generations/") ? here(one.url) : null } : one);
    this.#draw();
  }

  async take(files) {
    for (const file of files) {
      if (this.#full()) return;
      if (!TYPES.test(file.type)) { this.#options.trouble(`${file.name || "This file"} is no picture that can be read.`); continue; }
      if (file.size > BYTES_MAX) { this.#options.trouble(`${file.name || "The picture"} is over 20 MB; choose a smaller one.`); continue; }
      const entry = { preview: URL.createObjectURL(file), name: file.name };
      this.#list.push(entry);
      this.#draw();
      try {
        const stored = await ask("POST", "/api/v1/uploads", file, { "Content-Type": file.type });
        entry.url = stored.inputImageUrl;
      } catch (error) {
        this.#list = this.#list.filter((one) => one !== entry);
        this.#options.trouble(`${file.name || "The picture"}: ${sentence(error.message)}`);
      }
      this.#draw();
    }
  }

  /** What does not fit the model that is chosen now: nothing is left out unasked. */
  over() { return Math.max(0, this.#list.length - this.#options.most()); }

  count() {
    const [over, most] = [this.over(), this.#options.most()];
    $("#inputs-count").textContent = `${this.#list.length} of at most ${most}`;
    $("#inputs-over").hidden = !over;
    if (over) show($("#inputs-over"), `This model takes at most ${most} pictures: remove ${over}, or choose another model. `, most > 0 && button(`Keep the first ${most}`, () => this.#keep(most), { class: "small", id: "inputs-keep" }));
  }

  #keep(most) {
    this.restore(this.#list.slice(0, most));
    $("#files").focus();
  }

  #edit() {
    $('input[name="mode"][value="edit"]').checked = true;
    this.#options.changed();
  }

  #full() {
    const most = this.#options.most();
    if (this.#list.length < most) return false;
    this.#options.trouble(`This model takes at most ${most} pictures; remove one first.`);
    return true;
  }

  #addTyped() {
    const field = $("#input-url");
    let url;
    try { url = new URL(field.value.trim()); } catch { url = null; }
    if (!url || !["http:", "https:"].includes(url.protocol)) { this.#options.trouble("Write the whole address of a picture, beginning with https://"); return; }
    this.#options.trouble();
    this.add(url.href);
    field.value = "";
  }

  #remove(entry) {
    if (entry.preview?.startsWith("blob:")) URL.revokeObjectURL(entry.preview);
    this.#list = this.#list.filter((one) => one !== entry);
    this.#draw();
    $("#files").focus();
  }

  #draw() {
    $("#inputs").replaceChildren(...this.#list.map((one, index) => h("li", { class: one.url ? undefined : "waiting" },
      one.preview ? h("img", { src: one.preview, alt: one.name || `Picture ${index + 1}` }) : h("span", { title: one.url }, new URL(one.url).hostname),
      button("×", () => this.#remove(one), { "aria-label": `Remove picture ${index + 1}` }))));
    this.#options.changed();
  }
}
