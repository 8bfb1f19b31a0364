// Pictures by day, stacked by quality. Drawn for the width that there is: its words keep their size.

import { h, number, show } from "./dom.js";

const CLASSES = { "1K": "one", "2K": "two", "4K": "four" };
const [HEIGHT, LEFT, BOTTOM, TOP, DAYS] = [220, 38, 26, 12, 30];
const DAY_MILLISECONDS = 86_400_000;
const MARK_PIXELS = 84; // a date's width with air

export function plot(days) {
  const holder = h("div", { class: "plot" });
  new ResizeObserver(([seen]) => { if (seen.contentRect.width) show(holder, drawn(days, seen.contentRect.width)); }).observe(holder);
  return h("figure", {}, holder,
    h("figcaption", { class: "legend" }, "Pictures by day", ...Object.entries(CLASSES).map(([quality, kind]) => h("span", {}, h("i", { class: kind }), quality))));
}

function drawn(days, width) {
  const dates = [...Array(DAYS).keys()].map((index) => new Date(Date.now() - (DAYS - 1 - index) * DAY_MILLISECONDS).toISOString().slice(0, 10));
  const of = (date, quality) => days.find((one) => one.day === date && one.quality === quality)?.completed ?? 0;
  const sums = dates.map((date) => Object.keys(CLASSES).reduce((sum, quality) => sum + of(date, quality), 0));
  const most = Math.max(...sums, 1);
  const wide = (width - LEFT) / DAYS;
  const base = HEIGHT - BOTTOM;
  const tall = (count) => (count / most) * (base - TOP);
  const bars = dates.flatMap((date, index) => {
    let top = base;
    return Object.entries(CLASSES).map(([quality, kind]) => {
      const count = of(date, quality);
      top -= tall(count);
      return count > 0 && h("rect", { class: kind, x: LEFT + index * wide + wide / 8, y: top, width: wide * 0.75, height: tall(count) },
        h("title", {}, `${date}: ${number(count)} in ${quality}`));
    });
  });
  const every = Math.ceil(MARK_PIXELS / wide);
  const name = (date) => new Date(date).toLocaleDateString(undefined, { month: "short", day: "numeric", timeZone: "UTC" });
  const marks = dates.map((date, index) => (DAYS - 1 - index) % every === 0 && h("text", { x: LEFT + (index + 0.5) * wide, y: HEIGHT - 6, "text-anchor": index === DAYS - 1 ? "end" : "middle", dx: index === DAYS - 1 ? wide / 2 : 0 }, name(date)));
  const rule = (y) => h("line", { x1: LEFT, x2: width, y1: y, y2: y });
  return h("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT, role: "img", "aria-label": `Pictures by day: ${number(sums.reduce((one, other) => one + other, 0))} in 30 days, at most ${number(most)} on one` },
    rule(base), rule(TOP), h("text", { x: LEFT - 8, y: TOP + 4, "text-anchor": "end" }, number(most)), h("text", { x: LEFT - 8, y: base + 4, "text-anchor": "end" }, "0"), ...bars, ...marks);
}
