// The console: sections of one account and, for an operator, of the whole service.

import { $, $$, button, h, show } from "./dom.js";
import { signedIn } from "./frame.js";
import * as own from "./console-own.js";
import * as operator from "./console-operator.js";

const OWN = [
  { name: "overview", title: "Overview", draw: own.overview },
  { name: "keys", title: "Keys", draw: own.keys },
  { name: "statement", title: "Credits", draw: own.statement },
  { name: "generations", title: "Generations", draw: own.generations },
];
const SERVICE = [
  { name: "service", title: "Service overview", draw: operator.overview },
  { name: "accounts", title: "Accounts", draw: operator.accounts },
  { name: "all", title: "All generations", draw: operator.generations },
  { name: "engines", title: "Engines", draw: operator.engines },
  { name: "failures", title: "Failures", draw: operator.failures },
  { name: "audit", title: "Audit trail", draw: operator.audit },
];

let sections;
let account;

async function begin() {
  account = await signedIn();
  sections = account.operator ? [...OWN, ...SERVICE] : OWN;
  show($("#side"), tabs("Your account", OWN), account.operator && [h("p", { class: "group", "aria-hidden": "true" }, "The service"), tabs("The service", SERVICE)]);
  $("#side").addEventListener("keydown", move);
  addEventListener("hashchange", () => { if (known()) draw(); }); // the skip link's is no section
  await draw();
}

function tabs(title, list) {
  const tab = (one) => button(one.title, () => { location.hash = one.name; }, { role: "tab", id: `tab-${one.name}`, "aria-controls": "panel" });
  return h("div", { role: "tablist", "aria-label": title, "aria-orientation": "vertical" }, ...list.map(tab));
}

/** Arrow keys go through all sections, as in any list of tabs. */
function move(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const all = $$("[role=tab]", $("#side"));
  const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
  event.preventDefault();
  next.focus();
  next.click();
}

const known = () => sections.find((one) => one.name === location.hash.slice(1));

let newest = 0;
async function draw() {
  const chosen = known() ?? (account.operator ? SERVICE : OWN)[0];
  for (const one of sections) {
    const tab = $(`#tab-${one.name}`);
    tab.setAttribute("aria-selected", String(one === chosen));
    tab.tabIndex = one === chosen ? 0 : -1;
  }
  const panel = $("#panel");
  const mine = ++newest;
  const holder = h("div", { class: "panel" });
  const put = (...parts) => {
    if (mine !== newest) return; // another section was chosen meanwhile
    panel.setAttribute("aria-labelledby", `tab-${chosen.name}`);
    document.title = `${chosen.title} · Console · Cavendish`;
    show(panel, h("h2", {}, chosen.title), ...parts);
    $("#page").hidden = false;
  };
  try {
    await chosen.draw(holder, account);
    put(holder);
  } catch (error) {
    put(h("p", { class: "note bad", role: "alert" }, error.message), h("div", {}, button("Try again", draw)));
  }
}

document.addEventListener("signed-out", () => location.replace(`/login?next=${encodeURIComponent(`/console${location.hash}`)}`));

begin().catch((error) => {
  show($("#page"), h("p", { class: "note bad", role: "alert" }, error.message), button("Try again", () => location.reload()));
  $("#page").hidden = false;
});
