// The try-it page: a form, one picture under way, and what was made before.

import { $, $$, button, h, number, sentence, show, toast } from "./dom.js";
import { ask, ended, get, post } from "./api.js";
import { keep, kept } from "./draft.js";
import { signedIn, who } from "./frame.js";
import { Live } from "./live.js";
import { Inputs } from "./inputs.js";
import { Gallery } from "./gallery.js";
import { Stage } from "./stage.js";

const EXAMPLES = {
  "Futuristic city": "A futuristic cityscape at sunset with flying cars and neon lights",
  "Japanese garden": "A serene Japanese garden with cherry blossoms and a koi pond",
  "Red fox": "Close-up portrait of a red fox in an autumn forest, golden hour",
  "Coral reef": "Underwater scene with a whale, tropical fish and coral, sun rays",
  Ramen: "A bowl of ramen with chopsticks on a wooden table, steam rising",
};
const EDIT_EXAMPLES = {
  Watercolor: "Transform this photo into a watercolor painting style",
  "Starry night": "Make it night with stars in the sky",
  "Pencil drawing": "Turn it into a pencil drawing",
  Snow: "Make it a snowy winter day",
};
const SKETCHED = {
  always: "Drawn by sketch, a preview engine without AI.",
  failover: "Where others fail, sketch draws it: a preview engine without AI.",
};
const SIZES = { "1K": "to try", "2K": "to use", "4K": "to print" };
const NONE = { name: "nano-banana-2", imagesMax: 0, googleSearch: false }; // where nothing can be had, as the order's answer says
const FIRST_RATIO = "16:9";
const SEED_MAX = 2 ** 32 - 1;

const prompt = $("#prompt");
let account;
let models; // as they can be had here
let inputs;
let stage;
let gallery;
let live;
let sending = false;

async function begin() {
  const offered = get("/api/v1/models");
  offered.catch(() => {}); // told below, unless it is for want of a sign-in
  account = await signedIn();
  ({ models } = await offered);
  inputs = new Inputs({ most: () => model().imagesMax, changed: refresh, trouble: tell });
  stage = new Stage({ use, again, cancel, changed: keepDraft, price: (quality) => account.prices[quality] });
  gallery = new Gallery({ open, running: watch, gone: (id) => stage.forget(id, ratio()) });
  live = new Live(account.account, passed);
  shapes();
  qualities();
  show($("#model"), models.map((one) => h("option", { value: one.name }, one.name)));
  const draft = kept(account.account);
  if (draft) restore(draft);
  $("#composer").addEventListener("input", keepDraft);
  $("#composer").addEventListener("change", refresh);
  $("#composer").addEventListener("submit", (event) => { event.preventDefault(); make(); });
  prompt.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); make(); }
  });
  new ResizeObserver(barred).observe($(".send"));
  refresh();
  if (draft?.shown) await resume(draft.shown);
  $("#page").hidden = false; // all of it at once: nothing moves afterwards
  if (matchMedia("(pointer: fine)").matches) prompt.focus(); // elsewhere a keyboard would cover the page
  await gallery.reload();
  if (!stage.shown) runs.values().next().value?.show(); // the newest under way
}

/** How high the bar at the lower edge is: what has the focus keeps clear of it. */
function barred() {
  const bar = $(".send");
  document.documentElement.style.setProperty("--bar", getComputedStyle(bar).position === "sticky" ? `${bar.offsetHeight}px` : "0px");
}

const chosen = (name) => $(`input[name="${name}"]:checked`)?.value;
const ratio = () => chosen("ratio") ?? FIRST_RATIO;
const quality = () => chosen("quality") ?? "1K";
const mode = () => chosen("mode");
const model = () => models.find((one) => one.name === $("#model").value) ?? NONE;
const wide = (name) => { const [across, down] = name.split(":"); return across / down; };

/** From the widest to the tallest, each drawn as it is. */
function shapes() {
  const sorted = [...account.ratios].sort((one, other) => wide(other) - wide(one));
  show($("#shapes"), sorted.map((name) => {
    const [across, down] = name.split(":").map(Number);
    const scale = 26 / Math.max(across, down);
    const [width, height] = [Math.max(across * scale, 4), Math.max(down * scale, 4)];
    const picture = h("svg", { viewBox: "0 0 32 32", "aria-hidden": "true" },
      h("rect", { x: 16 - width / 2, y: 16 - height / 2, width, height, rx: 1.5 }));
    return h("label", {}, h("input", { type: "radio", name: "ratio", value: name, checked: name === FIRST_RATIO }), h("span", {}, picture, name));
  }));
}

function qualities() {
  show($("#qualities"), Object.entries(account.prices).map(([name, price], index) => h("label", {},
    h("input", { type: "radio", name: "quality", value: name, checked: index === 0 }),
    h("span", {}, h("b", {}, name), h("small", {}, `${number(price)} credits`), h("small", {}, SIZES[name])))));
}

function examples() {
  const list = mode() === "edit" ? EDIT_EXAMPLES : EXAMPLES;
  show($("#examples"), Object.entries(list).map(([name, text]) => button(name, () => write(text), { title: text })));
}

let shownMode;
/** Everything that follows from the choices: price, balance, fields, the shape of the empty place. */
function refresh() {
  if (mode() !== shownMode) {
    shownMode = mode();
    $("#inputs-field").hidden = shownMode !== "edit";
    prompt.placeholder = shownMode === "edit" ? "Make it a snowy winter day" : "A lighthouse in a storm, seen from the sea";
    examples();
  }
  const { sketch, googleSearch } = model();
  $("#drawn-by").textContent = SKETCHED[sketch] ?? "";
  $("#drawn-by").hidden = !sketch;
  $("#search-field").hidden = !googleSearch;
  $("#more").textContent = googleSearch ? "Model, seed and web search" : "Model and seed";
  inputs.count();
  const price = account.prices[quality()];
  const left = account.balance - price;
  $("#make").disabled = sending;
  $("#make").textContent = sending ? "Sending…" : `Make picture · ${number(price)} credits`;
  $("#cost").classList.toggle("short", left < 0);
  $("#cost").textContent = left >= 0
    ? `${number(account.balance)} credits now, ${number(left)} after this one. A picture that fails costs nothing.`
    : `This needs ${number(price)} credits and you have ${number(account.balance)}. Choose a lower quality, or ask your operator for credits.`;
  stage.idle(ratio());
  keepDraft();
}

function write(text) {
  prompt.value = text;
  prompt.focus();
  keepDraft();
}

function keepDraft() {
  const [typed, seed] = [prompt.value, $("#seed").value];
  const draft = { prompt: typed, seed, mode: mode(), ratio: ratio(), quality: quality(), model: $("#model").value,
    search: $("#search").checked, inputs: inputs.kept(), shown: stage.shown, unanswered };
  keep(account.account, typed || seed || draft.inputs.length || draft.shown || unanswered.key ? draft : null);
}

function restore(draft) {
  fill(draft);
  $("#seed").value = draft.seed;
  if (draft.seed || draft.search) $("#seed").closest("details").open = true;
  inputs.restore(draft.inputs);
  unanswered = draft.unanswered;
}

/** What was shown before the page was loaded anew, or has become of it. */
async function resume(id) {
  const generation = await get(`/api/v1/generations/${id}`).catch(() => null);
  if (generation) put(generation);
}

function tell(text, link) {
  show($("#trouble"), text, link && " ", link);
  $("#trouble").hidden = !text;
}

/** What the form orders; null after telling what is missing. */
function order() {
  const seed = $("#seed").value.trim();
  const missing = (text, field) => { tell(text); field.focus(); return null; };
  tell();
  if (!prompt.value.trim()) return missing("Write what you want to see, or choose one of the examples.", prompt);
  if (seed && !(/^\d+$/.test(seed) && Number(seed) <= SEED_MAX)) {
    $("#seed").closest("details").open = true;
    return missing(`The seed is a whole number from 0 to ${SEED_MAX}.`, $("#seed"));
  }
  if (mode() === "edit" && inputs.busy()) return missing("A picture is still being uploaded; wait a moment.", $("#make"));
  if (mode() === "edit" && inputs.over()) return missing(`Remove ${number(inputs.over())} of the pictures to edit, or choose another model.`, $("#inputs-keep") ?? $("#model"));
  if (mode() === "edit" && !inputs.urls().length) return missing("Add at least one picture to edit: choose, drop or paste one.", $("#files"));
  const body = { prompt: prompt.value, mode: mode(), aspectRatio: ratio(), imageQuality: quality() };
  if (mode() === "edit") body.inputImageUrls = inputs.urls();
  if ($("#search").checked && model().googleSearch) body.googleSearch = true;
  if (seed) body.seed = Number(seed);
  return body;
}

async function make() {
  if (sending) return;
  const body = order();
  if (body === null) return;
  const wanted = { ...body, model: model().name };
  const started = await sent(wanted.model, body);
  if (!started) return;
  account = { ...account, balance: started.creditsRemaining, held: account.held + started.creditsHeld };
  who(account);
  refresh();
  const generation = { ...wanted, generationId: started.generationId, status: started.status };
  watch(generation).show();
  stage.reveal();
  gallery.add(generation);
  live.tell({ kind: "ordered", generation });
}

/** The order's answer; null after telling why there is none. What is shown stays until there is something new. */
async function sent(name, body) {
  sending = true;
  refresh();
  try {
    return await submit(name, body);
  } catch (error) {
    refuse(error);
    return null;
  } finally {
    sending = false;
    refresh();
  }
}

let unanswered = {};
/** The same order, sent again after a lost answer, has the same key: it is not paid twice. */
async function submit(name, body) {
  const text = JSON.stringify([name, body]);
  const key = unanswered.text === text ? unanswered.key : crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  unanswered = { text, key };
  keepDraft();
  try {
    const started = await ask("POST", `/api/${name}/generate`, body, { "Idempotency-Key": key });
    unanswered = {};
    return started;
  } catch (error) {
    if (error.status >= 400 && error.status < 500) unanswered = {}; // else it may have been taken
    throw error;
  }
}

const runs = new Map(); // by generation: one for each, however often its tile is opened

/** Follow what is under way to its end. */
function watch(generation) {
  const id = generation.generationId;
  if (!runs.has(id)) {
    const run = stage.run(generation);
    runs.set(id, run);
    finish(id, run).finally(() => runs.delete(id));
  }
  return runs.get(id);
}

async function finish(id, run) {
  try {
    await live.follow(id, run);
    const generation = await get(`/api/v1/generations/${id}`);
    gallery.replace(generation);
    run.end(generation);
    account = await get("/api/v1/me");
    who(account);
    refresh();
  } catch (error) {
    run.refused(ratio());
    refuse(error);
  }
}

/** Another tab ordered it. */
function passed({ kind, generation }) {
  if (kind !== "ordered") return;
  gallery.add(generation);
  if (!stage.shown) watch(generation).show();
}

function refuse(error) {
  if (error.code === "INSUFFICIENT_CREDITS") tell(`${sentence(error.message)} Nothing was charged. Choose a lower quality, or ask your operator for credits.`);
  else if (error.code === "API_KEY_RATE_LIMIT_EXCEEDED") tell(`You have made the ${number(account.limit.count)} pictures of this period. The next one is possible ${within(error.retryAfter || 60)}.`);
  else if (error.status !== 401) tell(sentence(error.message));
}

function within(seconds) {
  const at = new Date(Date.now() + seconds * 1000).toLocaleTimeString(undefined, { timeStyle: "short" });
  const count = seconds < 90 ? Math.ceil(seconds) : Math.ceil(seconds / 60);
  const unit = seconds < 90 ? "second" : "minute";
  return `in ${count} ${unit}${count === 1 ? "" : "s"}, at ${at}`;
}

// Another page for signing in again: what was typed here stays.
document.addEventListener("signed-out", () => {
  if (account) tell("Your sign-in has ended.", h("a", { href: "/login", target: "_blank", rel: "noopener" }, "Sign in on another page, then try again here"));
});

/** A picture of the list, or what is under way. */
function open(generation) {
  put(generation);
  stage.reveal();
}

function put(generation) {
  if (ended(generation)) stage.show(generation);
  else watch(generation).show();
}

function use(url) {
  $('input[name="mode"][value="edit"]').checked = true;
  inputs.add(url);
  refresh();
  write("");
  toast("Added to the pictures to edit. Now say what to change.");
}

function again(generation) {
  const { aspectRatio, imageQuality, googleSearch } = generation;
  fill({ ...generation, ratio: aspectRatio, quality: imageQuality, search: googleSearch });
  $("#seed").value = "";
  inputs.restore((generation.inputImageUrls ?? []).map((url) => ({ url })));
  refresh();
  make();
}

const cancel = (id) => post(`/api/v1/generations/${id}/cancel`);

function fill(wanted) {
  prompt.value = wanted.prompt;
  for (const name of ["mode", "ratio", "quality"]) {
    const input = $$(`input[name="${name}"]`).find((one) => one.value === wanted[name]);
    if (input) input.checked = true;
  }
  if (models.some((one) => one.name === wanted.model)) $("#model").value = wanted.model;
  $("#search").checked = wanted.search === true;
}

begin().catch((error) => {
  show($("#page"), h("p", { class: "note bad", role: "alert" }, error.message), button("Try again", () => location.reload()));
  $("#page").hidden = false;
});
