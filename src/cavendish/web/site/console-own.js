// Sections of the signed-in account: what it has, its keys, its credits, its generations.

import { button, confirm, dialog, field, form, h, moment, number, reveal, said, show, toast, tried } from "./dom.js";
import { ask, get, here, small, post } from "./api.js";
import { paged, pill, table } from "./lists.js";
import { plot } from "./plot.js";

const first = (text) => [h("p", {}, text), h("a", { class: "button main", href: "/nano-banana-2" }, "Make a picture")];

export async function overview(panel) {
  const [{ days }, account] = await Promise.all([get("/api/v1/usage?days=30"), get("/api/v1/me")]);
  const total = (name) => days.reduce((sum, day) => sum + day[name], 0);
  const { limit } = account;
  show(panel,
    h("div", { class: "figures" },
      figure(account.balance, "credits to spend"),
      figure(account.held, "held for pictures under way"),
      figure(total("completed"), "pictures in 30 days"),
      figure(total("credits"), "credits spent in 30 days"),
      figure(limit.remaining, `calls left of ${number(limit.count)} ${each(limit.seconds)}`)),
    days.length ? plot(days) : h("div", { class: "empty" }, ...first("Here will stand what you make, day by day.")));
}

export const figure = (value, title) => h("p", { class: "figure" }, h("b", {}, number(value)), " ", title);
const PERIODS = { 1: "a second", 60: "a minute", 3600: "an hour", 86400: "a day" };
const each = (seconds) => PERIODS[seconds] ?? `in ${number(seconds)} s`;

export async function keys(panel) {
  const found = (await get("/api/v1/keys")).keys;
  const again = () => keys(panel);
  const label = h("input", { id: "label", maxlength: 100, autocomplete: "off", placeholder: "my phone" });
  const limit = h("input", { id: "limit", autocomplete: "off", placeholder: "the service’s, or 100/hour" });
  const make = async () => {
    const made = await post("/api/v1/keys", { label: label.value, limit: limit.value });
    reveal("Your new key", made.key, "It is shown this once. Whoever has it can spend your credits.", "Key copied");
    await again();
  };
  const actions = (key) => h("span", { class: "row" },
    button("Change", () => change(key, again), { class: "small", "aria-label": `Change ${key.label || key.hint}` }),
    button("Revoke", tried(() => revoke(key, again)), { class: "small", "aria-label": `Revoke ${key.label || key.hint}` }));
  show(panel, form(make, h("div", { class: "row form" }, field("Label", label), field("Limit", limit), h("button", { class: "main", type: "submit" }, "Make a key"))),
    table("Keys that work stand first", [
      ["Label", (key) => (key.label ? said(key.label) : "—")],
      ["Key", (key) => h("code", {}, key.hint)],
      ["Limit", (key) => (key.limit ? `${number(key.limit.count)} ${each(key.limit.seconds)}` : "the service’s")],
      ["Made", (key) => moment(key.createdAt)],
      ["", (key) => (key.revokedAt ? pill("revoked") : actions(key)), "end"],
    ], found, { empty: "No key yet. A program proves by a key that it may spend your credits: make one above." }));
}

function change(key, again) {
  const label = h("input", { id: "new-label", maxlength: 100, autocomplete: "off", value: key.label });
  const limit = h("input", { id: "new-limit", autocomplete: "off", value: key.limit ? `${key.limit.count}/${key.limit.seconds}s` : "", placeholder: "the service’s" });
  const save = async () => {
    await ask("PATCH", `/api/v1/keys/${key.id}`, { label: label.value, limit: limit.value });
    await again();
  };
  dialog("Change this key", save, (close) => [
    field("Label", label), field("Limit", limit, "Such as 100/hour; empty for the service’s."),
    h("div", { class: "row" }, h("button", { class: "main", type: "submit" }, "Save"), button("Cancel", close)),
  ]);
}

async function revoke(key, again) {
  if (!(await confirm(`Revoke ${key.label || key.hint}?`, "Programs that use it, or a key made with it, stop working within a second. Browsers that signed in with one of them are signed out.", "Revoke"))) return;
  await ask("DELETE", `/api/v1/keys/${key.id}`);
  toast("Revoked");
  await again();
}

export async function statement(panel) {
  show(panel, await paged("/api/v1/statement", "entries", "Every credit that moved, newest first", [
    ["When", (entry) => moment(entry.at)],
    ["What", (entry) => pill(entry.kind)],
    ["Credits", (entry) => number(entry.amount), "number"],
    ["Balance", (entry) => signed(entry.balanceChange), "number"],
    ["Held", (entry) => signed(entry.heldChange), "number"],
    ["For", (entry) => (entry.generationId ? h("code", { title: entry.generationId }, entry.generationId.slice(0, 12)) : said(entry.reason ?? "")), "long"],
  ], { empty: "No credit has moved yet. Your operator can grant you some." }));
}

const signed = (value) => (value > 0 ? `+${number(value)}` : value === 0 ? "" : `−${number(-value)}`);

export async function generations(panel) {
  show(panel, await paged("/api/v1/generations", "generations", "Newest first", [
    ["Picture", (one) => thumbnail(one)],
    ["Prompt", asked, "long"],
    ["State", (one) => [pill(one.status), one.error && h("p", { class: "hint" }, said(one.error))].filter(Boolean)],
    ["Quality", (one) => `${one.imageQuality} ${one.aspectRatio}`, "tight"],
    ["Credits", (one) => number(one.creditsCharged ?? one.creditsHeld ?? 0), "number"],
    ["Made", (one) => moment(one.createdAt)],
    ["History", (one) => history(one)],
  ], { empty: first("Nothing made yet.") }));
}

/** The prompt, and the id by which programs and the search know it. */
export const asked = (one) => [
  h("span", { class: "clamp", title: one.prompt.slice(0, 500) }, said(one.prompt.slice(0, 400))),
  h("p", { class: "id" }, h("code", {}, one.generationId)),
];

export const thumbnail = (one) => (one.imageUrl
  ? h("a", { href: here(one.imageUrl), target: "_blank", rel: "noopener" }, h("img", { src: small(one.imageUrl), alt: `Open the picture of ${one.generationId.slice(0, 8)}`, width: 56, height: 56, loading: "lazy", class: "thumb" }))
  : h("span", { class: "thumb" }));

function history(generation) {
  const box = h("details", {}, h("summary", {}, "Show"));
  box.addEventListener("toggle", tried(async () => {
    if (!box.open || box.children.length > 1) return;
    const told = (await get(`/api/v1/generations/${generation.generationId}/history`)).history;
    if (box.children.length === 1) box.append(h("ol", { class: "history" }, ...told.map((line) => h("li", {}, pill(line.what), " ", said(line.detail), h("p", { class: "hint" }, moment(line.at))))));
  }));
  return box;
}
