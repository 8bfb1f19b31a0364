// What is typed and chosen but not ordered yet, and what was shown. Kept for this tab, so that a reload loses nothing; it
// ends with the tab and with signing out, and nobody sees another account's.

const NAME = "cavendish draft";

/** Without a draft nothing is kept any more. */
export function keep(account, draft) {
  try {
    if (draft) sessionStorage.setItem(NAME, JSON.stringify({ account, ...draft }));
    else sessionStorage.removeItem(NAME);
  } catch { /* full, or not allowed here: then it ends with the page */ }
}

export function kept(account) {
  try {
    const draft = JSON.parse(sessionStorage.getItem(NAME));
    return draft?.account === account ? draft : null;
  } catch {
    return null;
  }
}
