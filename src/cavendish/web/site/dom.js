// Elements without HTML text: whatever a prompt, an error or a name holds stays text.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const SVG = new Set(["svg", "rect", "path", "line", "text", "title"]);
const TOAST_MILLISECONDS = 4000;

/** An element. Properties that begin with "on" are listeners; null, undefined and false leave a property or child out. */
export function h(tag, properties = {}, ...children) {
  const svg = SVG.has(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !svg && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function show(target, ...children) {
  target.replaceChildren(...children.flat().filter(Boolean));
  return target;
}

/** Somebody's words among ours: a text that runs from right to left turns nothing around it. */
export const said = (text) => h("bdi", {}, text);

/** The service's words as one sentence among others. */
export const sentence = (text) => (/[.!?…]$/.test(text) ? text : `${text}.`);

export const button = (text, onclick, more = {}) => h("button", { type: "button", onclick, ...more }, text);
export const field = (label, input, hint) => h("div", { class: "field" }, h("label", { for: input.id }, label), input, hint && h("p", { class: "hint" }, hint));

/** A short message at the lower edge; read by screen readers too. */
export function toast(text) {
  const box = $("#toast") ?? document.body.appendChild(h("div", { id: "toast", role: "status" }));
  const note = h("p", {}, text);
  show(box, note);
  setTimeout(() => note.remove(), TOAST_MILLISECONDS);
}

export async function copy(text, what = "Copied") {
  try {
    await navigator.clipboard.writeText(text);
    toast(what);
  } catch {
    toast("The browser did not allow copying; select the text instead");
  }
}

/** For what a click begins: trouble is told, not lost. */
export const tried = (work) => async (...values) => {
  try { return await work(...values); } catch (error) { return toast(error.message); }
};

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
export const moment = (text) => h("time", { datetime: text }, when.format(new Date(text)));
export const number = (value) => new Intl.NumberFormat().format(value);

/** A form whose work may fail: the reason stands above its last row, and the button waits meanwhile. */
export function form(work, ...children) {
  const trouble = h("p", { class: "note bad", role: "alert", hidden: true });
  const send = async (event) => {
    event.preventDefault();
    const pressed = event.submitter;
    if (pressed) pressed.disabled = true;
    trouble.hidden = true;
    try {
      await work();
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
    } finally {
      if (pressed) pressed.disabled = false;
    }
  };
  return h("form", { class: "panel", novalidate: true, onsubmit: send }, ...children.slice(0, -1), trouble, ...children.slice(-1));
}

let dialogs = 0;
/**
 * A dialog. `work` runs when it is submitted, and it closes unless that fails; `parts` is given the way to close it. One
 * that `stays` is closed by that alone: the browser's own way, such as Esc, opens it again.
 */
export function dialog(title, work, parts, closed = () => {}, stays = false) {
  const id = `dialog-${++dialogs}`;
  let done = !stays;
  const close = () => { done = true; box.close(); };
  const box = h("dialog", { "aria-labelledby": id, oncancel: (event) => { if (!done) event.preventDefault(); }, onclose: () => {
    if (!done) { box.showModal(); return; } // pressed twice, Esc cannot be prevented
    box.remove();
    closed();
    if (document.activeElement === document.body) $("#panel")?.focus(); // what opened it may be gone
  } }, form(async () => { await work(); close(); }, h("h2", { id }, title), ...parts(close)));
  document.body.append(box);
  box.showModal();
}

/** Ask before something that cannot be undone, or has weight. */
export function confirm(title, text, action, kind = "main danger") {
  return new Promise((resolve) => {
    dialog(title, () => resolve(true), (close) => [
      h("p", {}, text),
      h("div", { class: "row" }, h("button", { class: kind, type: "submit" }, action), button("Cancel", close)),
    ], () => resolve(false));
  });
}

/** Something to copy that is shown once: it stays until somebody says that it is kept. */
export function reveal(title, secret, text, copied) {
  dialog(title, () => {}, () => [
    h("code", { class: "secret" }, secret),
    h("p", {}, text),
    h("div", { class: "row" }, button("Copy", () => copy(secret, copied), { class: "main" }), h("button", { type: "submit" }, "I have kept it")),
  ], undefined, true);
}
