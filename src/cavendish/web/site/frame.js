// What every page has above its own part: who is signed in, and what is left.

import { $, button, h, number, said, show } from "./dom.js";
import { ask, get } from "./api.js";
import { keep } from "./draft.js";

/** The signed-in account; leads to the sign-in page where there is none. */
export async function signedIn() {
  try {
    const account = await get("/api/v1/me");
    who(account);
    return account;
  } catch (error) {
    if (error.status !== 401) throw error;
    location.replace(`/login?next=${encodeURIComponent(location.pathname + location.hash)}`);
    return new Promise(() => {});
  }
}

export function who(account) {
  const held = account.held ? `${number(account.held)} more are held for pictures under way` : "What you can spend now";
  show($("#who"),
    h("span", { class: "purse", title: held }, `${number(account.balance)} credits`),
    h("span", { class: "name hint" }, said(account.account)),
    button("Sign out", leave, { class: "small bare" }));
}

async function leave() {
  await ask("DELETE", "/api/v1/session").catch(() => {});
  keep(); // nothing: whoever comes next is somebody else
  location.replace("/login");
}
