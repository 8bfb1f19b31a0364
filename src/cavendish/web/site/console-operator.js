// Sections of an operator: accounts, everyone's generations, engines, failures, the audit trail.

import { button, confirm, dialog, field, form, h, moment, number, reveal, said, show, toast, tried } from "./dom.js";
import { ask, get, post } from "./api.js";
import { paged, pill, table } from "./lists.js";
import { asked, figure, thumbnail } from "./console-own.js";
import { plot } from "./plot.js";

const BASE = "/api/v1/operator";
const GRANT_MAX = 1e12; // as the service takes

export async function overview(panel) {
  const seen = await get(`${BASE}/overview?days=30`);
  const total = (name) => seen.days.reduce((sum, day) => sum + day[name], 0);
  show(panel,
    h("div", { class: "figures even" },
      figure(total("completed"), "pictures in 30 days"),
      figure(total("failed"), "failed in 30 days, refunded"),
      figure(total("credits"), "credits spent in 30 days"),
      figure(seen.generating, "being drawn now"),
      figure(seen.waiting, seen.waiting ? `waiting, the oldest for ${lasting(seen.oldestSeconds)}` : "waiting"),
      figure(seen.accounts, "accounts"),
      figure(seen.balance, "credits that they can spend"),
      figure(seen.held, "held for pictures under way")),
    seen.days.length ? plot(seen.days) : h("div", { class: "empty" }, "Here will stand what all accounts make, day by day."));
}

export async function accounts(panel, account) {
  const again = () => accounts(panel, account);
  const name = h("input", { id: "name", maxlength: 100, autocomplete: "off", placeholder: "design-team" });
  const make = async () => {
    const made = await post(`${BASE}/accounts`, { name: name.value });
    toast(`${made.account} is there: grant it credits and send it a login link`);
    await again();
  };
  const actions = (one) => h("span", { class: "row" },
    button("Grant", () => grant(one, again), { class: "small", "aria-label": `Grant credits to ${one.name}` }),
    button("Login link", tried(() => link(one)), { class: "small", "aria-label": `Login link for ${one.name}` }),
    one.name !== account.account && button(one.operator ? "Take the role away" : "Make an operator", tried(() => role(one, again)), { class: "small", "aria-label": one.operator ? `Take the role away from ${one.name}` : `Make ${one.name} an operator` }));
  show(panel,
    form(make, h("div", { class: "row form" }, field("New account", name), h("button", { class: "main", type: "submit" }, "Make an account"))),
    await paged(`${BASE}/accounts`, "accounts", "In the order in which they were made", [
      ["Account", (one) => [said(one.name), one.operator && [" ", pill("operator")]].flat().filter(Boolean), "long"],
      ["Credits", (one) => number(one.balance), "number"],
      ["Held", (one) => number(one.held), "number"],
      ["Keys", (one) => number(one.keys), "number"],
      ["Generations", (one) => number(one.generations), "number"],
      ["Made", (one) => moment(one.createdAt)],
      ["", actions, "end"],
    ], { empty: "No account yet." }));
}

const path = (one) => `${BASE}/accounts/${encodeURIComponent(one.name)}`;

function grant(one, again) {
  const amount = h("input", { id: "amount", type: "number", min: 1, max: GRANT_MAX, step: 1, inputmode: "numeric" });
  const reason = h("input", { id: "reason", maxlength: 200, autocomplete: "off" });
  const give = async () => {
    const done = await post(`${path(one)}/grants`, { amount: Number(amount.value), reason: reason.value });
    toast(`${one.name} has ${number(done.balance)} credits`);
    again().catch((error) => toast(error.message)); // the grant is done, whatever becomes of the list
  };
  dialog(`Grant credits to ${one.name}`, give, (close) => [
    field("Credits", amount), field("Reason", reason, "Stands in the account’s statement."),
    h("div", { class: "row" }, h("button", { class: "main", type: "submit" }, "Grant"), button("Cancel", close)),
  ]);
}

async function link(one) {
  const made = await post(`${path(one)}/links`);
  reveal(`Login link for ${one.name}`, made.link, `It signs in once, within ${Math.round(made.seconds / 60)} minutes. Send it to the person and to nobody else.`, "Link copied");
}

async function role(one, again) {
  const text = one.operator ? "It then sees and manages its own account only." : "It then sees all accounts and generations, grants credits and makes login links.";
  if (!(await confirm(one.operator ? `Take the role from ${one.name}?` : `Make ${one.name} an operator?`, text, ...(one.operator ? ["Take it away"] : ["Make an operator", "main"])))) return;
  await ask("PATCH", path(one), { operator: !one.operator });
  await again();
}

export async function generations(panel) {
  const state = h("select", { id: "state" }, h("option", { value: "" }, "all states"), ...["pending", "generating", "completed", "failed"].map((word) => h("option", { value: word }, word)));
  const account = h("input", { id: "account", autocomplete: "off", placeholder: "all accounts" });
  const text = h("input", { id: "text", type: "search", placeholder: "any" });
  const holder = h("div");
  const draw = async () => {
    const query = new URLSearchParams();
    for (const [name, input] of [["status", state], ["account", account], ["q", text]]) if (input.value.trim()) query.set(name, input.value.trim());
    show(holder, await paged(`${BASE}/generations?${query}`, "generations", "Newest first", [
      ["Picture", (one) => thumbnail(one)],
      ["Account", (one) => said(one.account)],
      ["Prompt", asked, "long"],
      ["State", (one) => [pill(one.status), one.errorCode && h("p", { class: "hint" }, h("code", {}, one.errorCode)), one.error && h("p", { class: "hint" }, said(one.error))].filter(Boolean)],
      ["Engine", (one) => one.engineModel ?? one.engine],
      ["Claims", (one) => number(one.claims), "number"],
      ["Credits", (one) => number(one.creditsCharged ?? 0), "number"],
      ["Made", (one) => moment(one.createdAt)],
    ], { empty: "None of these." }));
  };
  const search = form(draw, h("div", { class: "row form" }, field("State", state), field("Account", account), field("Prompt or id", text), h("button", { type: "submit" }, "Show")));
  state.addEventListener("change", () => search.requestSubmit());
  show(panel, search, holder);
  await draw();
}

export async function engines(panel) {
  const found = await get(`${BASE}/engines`);
  const health = (one) => (one.open ? [pill(`paused in ${one.open} worker${one.open === 1 ? "" : "s"}`, "ill"), h("p", { class: "hint" }, "It failed again and again, and is tried anew in a while.")] : one.routes.length ? pill("in use", "well") : pill("not routed", "idle"));
  show(panel,
    table("What workers counted since they started", [
      ["Engine", (one) => one.name],
      ["Health", health],
      ["Serves", (one) => one.routes.join(", ") || "no route"],
      ["Waiting", (one) => number(one.waiting), "number"],
      ["Drawing", (one) => number(one.generating), "number"],
      ["Waits for", (one) => (one.oldestSeconds ? lasting(one.oldestSeconds) : "—"), "number"],
      ["Completed", (one) => number(one.completed), "number"],
      ["Failed", (one) => number(one.failed), "number"],
      ["Seconds each", (one) => (one.secondsMean === undefined ? "—" : number(one.secondsMean)), "number"],
    ], found.engines, { empty: "No engine is set up." }),
    table("Workers", [
      ["Worker", (one) => h("code", {}, one.name)],
      ["State", (one) => (one.alive ? pill("alive", "well") : pill("gone", "ill"))],
    ], found.workers, { empty: "No worker has been seen today, and nothing will be drawn. Start one: cavendish worker" }));
}

const lasting = (seconds) => (seconds < 120 ? `${number(seconds)} s` : `${number(Math.floor(seconds / 60))} min`);

export async function failures(panel) {
  const found = (await get(`${BASE}/failures?days=7`)).failures;
  show(panel, table("Of the last seven days", [
    ["Code", (one) => h("code", {}, one.errorCode)],
    ["Engine", (one) => one.engine],
    ["How often", (one) => number(one.count), "number"],
    ["Last", (one) => moment(one.last)],
  ], found, { empty: "Nothing failed in seven days." }));
}

export async function audit(panel) {
  show(panel, await paged(`${BASE}/audit`, "entries", "Newest first", [
    ["When", (one) => moment(one.at)],
    ["Who", (one) => said(one.actor), "long"],
    ["What", (one) => one.action.replaceAll("_", " ")],
    ["Whom", (one) => said(one.subject), "long"],
    ["Detail", (one) => said(one.detail ?? ""), "long"],
  ], { empty: "Nothing yet." }));
}
