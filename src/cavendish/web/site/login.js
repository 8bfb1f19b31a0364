import { $, h } from "./dom.js";
import { ask, get } from "./api.js";

const trouble = $("#trouble");
const next = new URLSearchParams(location.search).get("next");
// Only a path of this service: "//elsewhere" and "/\elsewhere" are other hosts.
const goal = next && /^\/[a-z0-9-]*(#[\w-]*)?$/.test(next) ? next : "/nano-banana-2";

const TROUBLES = {
  account: "There is no account of your name here; ask your operator.",
  busy: "The service cannot reach its database; try again shortly.",
  claim: "The issuer did not tell your name; ask your operator.",
  declined: "The issuer did not let you in.",
  denied: "You may not sign in here; ask your operator.",
  issuer: "The issuer gave no usable answer; try again, or ask your operator.",
  off: "Single sign-on is not set up here.",
  slow: "Too many sign-ins; wait a minute.",
  stale: "This sign-in took too long or began in another window; start again.",
  token: "The issuer's answer could not be trusted; ask your operator.",
  unverified: "The issuer has not verified your e-mail address.",
};

async function enter(proof) {
  busy(true);
  trouble.hidden = true;
  try {
    await ask("POST", "/api/v1/session", proof);
    location.replace(goal);
  } catch (error) {
    busy(false);
    trouble.textContent = error.message;
    trouble.hidden = false;
    $("#key").focus();
  }
}

function busy(yes) {
  $("#enter").disabled = yes;
  $("#enter").textContent = yes ? "Signing you in…" : "Sign in";
}

$("#door").addEventListener("submit", (event) => {
  event.preventDefault();
  const key = $("#key").value.trim();
  if (key) enter({ key });
  else $("#key").focus();
});

function byLink() {
  const token = location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, "", location.pathname + location.search); // a used link is of no use in the history
  enter({ link: token });
}

/** A company's own sign-in, where the operator has set one up; without it nothing is missing. */
async function offers() {
  const { single } = await get("/api/v1/session/offers").catch(() => ({}));
  if (single) $("#single").append(h("a", { class: "button", href: "/login/single" }, single));
}

/** Why a company's own sign-in did not let one in: the service tells a word, never the issuer's text. */
function refused() {
  const word = new URLSearchParams(location.search).get("trouble");
  if (!word) return;
  trouble.textContent = TROUBLES[word] ?? "The sign-in did not succeed; try again, or ask your operator.";
  trouble.hidden = false;
}

addEventListener("hashchange", byLink);
refused();
byLink();
if (!$("#enter").disabled) addEventListener("load", offers);
