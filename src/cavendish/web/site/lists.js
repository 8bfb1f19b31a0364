// Tables and the pages of long lists. On a narrow page a row is a card, and each cell tells its title.

import { button, h, show, toast } from "./dom.js";
import { get } from "./api.js";

/** A table. A column is [title, cell(row), class]. */
export function table(caption, columns, rows, { empty }) {
  if (!rows.length) return h("div", { class: "empty" }, empty);
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h("table", { role: "table" },
      h("caption", {}, caption),
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...columns.map(([title, , kind]) => h("th", { scope: "col", role: "columnheader", class: kind }, title || h("span", { class: "unseen" }, "Actions"))))),
      h("tbody", { role: "rowgroup" }, ...rows.map((row) => line(columns, row)))));
}

// The roles are those of the elements: style sheets that make cards of rows would take them away.
function line(columns, row) {
  return h("tr", { role: "row", class: row.revokedAt ? "off" : undefined }, ...columns.map(([title, cell, kind]) => {
    const content = cell(row);
    return (content ?? "") === "" ? h("td", { role: "cell", class: "nothing" }) : h("td", { role: "cell", class: kind, "data-title": title || undefined }, content);
  }));
}

const LOOKS = 20; // for one row: a page of what is looked for may be empty, with more behind it

/** A table that grows by a button. `path` may hold a query. */
export async function paged(path, member, caption, columns, { empty }) {
  let cursor;
  const next = async () => {
    let rows = [];
    for (let looks = 0; looks < LOOKS && !rows.length; looks += 1) {
      const page = await get(`${path}${path.includes("?") ? "&" : "?"}limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
      rows = page[member];
      cursor = page.nextCursor;
      if (!cursor) break;
    }
    return rows;
  };
  const first = await next();
  let shown = table(caption, columns, first, { empty });
  const grow = async () => {
    more.disabled = true;
    try {
      const rows = await next();
      const body = shown.querySelector("tbody");
      if (body) body.append(...rows.map((row) => line(columns, row)));
      else shown.replaceWith((shown = table(caption, columns, rows, { empty })));
    } catch (error) {
      toast(error.message);
    }
    more.hidden = !cursor;
    more.disabled = false;
  };
  const more = button("Show more", grow, { class: "more-rows", hidden: !cursor });
  return show(h("div", { class: "panel" }), shown, more);
}

export const pill = (word, kind = word) => h("span", { class: `pill ${kind}` }, word);
