"""Looks of the page at /docs, and its one small script. Both are named by their hash in the page's policy."""

from __future__ import annotations

import base64
import hashlib

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fdfcf6; --panel: #f6f3e7; --ink: #27241b; --soft: #6a6450; --line: #e3ddc8;
  --peel: #f0c419; --leaf: #2c6a3a; --ripe: #8a5a00;
  --serif: ui-serif, "Iowan Old Style", Charter, Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #17160f; --panel: #211f16; --ink: #ebe6d4; --soft: #a8a189; --line: #3a3627;
    --peel: #f0c419; --leaf: #9fd08c; --ripe: #f0c66a;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; border-top: .4rem solid var(--peel); background: var(--paper); color: var(--ink);
  font: 1rem/1.6 var(--sans);
}
a { color: var(--leaf); text-underline-offset: .2em; text-decoration-thickness: .06em; }
a:focus-visible, button:focus-visible, summary:focus-visible {
  outline: .15rem solid var(--peel); outline-offset: .15rem;
}
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.2; text-wrap: balance; }
h1 {
  display: flex; align-items: center; gap: .7rem; margin: 0 0 .8rem; font-size: 2.6rem;
  letter-spacing: -.015em;
}
h1 svg { flex: none; width: 2.6rem; height: 2.6rem; fill: var(--peel); }
h2 { margin: 4.5rem 0 1rem; padding-top: 1rem; border-top: .06rem solid var(--line); font-size: 1.75rem; }
h3 { margin: 3rem 0 .5rem; font-size: 1.25rem; }
h4 {
  margin: 1.75rem 0 .5rem; font-size: .8rem; letter-spacing: .08em; text-transform: uppercase;
  color: var(--soft);
}
p { margin: .5rem 0 1rem; }
ol { padding-left: 1.3rem; }
li { margin: .6rem 0; padding-left: .2rem; }
code { font: .875em/1.5 var(--mono); overflow-wrap: anywhere; }
p code, li code, td code { padding: .08em .3em; border-radius: .25em; background: var(--panel); }
small { color: var(--soft); font-size: .85rem; }
.page {
  display: grid; grid-template-columns: minmax(0, 1fr); max-width: 76rem; margin: 0 auto;
  padding: 2.5rem 1.25rem 6rem;
}
.lead { max-width: 44rem; font-size: 1.12rem; color: var(--soft); }
nav ul { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: 0 0 .8rem; padding: 0; list-style: none; }
nav li { margin: 0; padding: .15rem 0; }
nav a { font-size: .92rem; color: var(--ink); text-decoration: none; }
nav a:hover { color: var(--leaf); text-decoration: underline; }
nav strong {
  display: block; margin-top: .5rem; font-size: .75rem; letter-spacing: .08em; text-transform: uppercase;
  color: var(--soft);
}
main section:first-of-type h2 { margin-top: 2rem; }
.call {
  display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .6rem; margin: 0 0 .4rem;
  font-family: var(--mono);
}
.call b { color: var(--leaf); }
.call code { font-size: 1rem; }
.block { position: relative; margin: .6rem 0 1.2rem; }
pre {
  margin: 0; padding: .9rem 1rem; overflow-x: auto; border-left: .25rem solid var(--peel); border-radius: .2rem;
  background: var(--panel); font: .85rem/1.55 var(--mono); tab-size: 2;
}
.block button {
  position: absolute; top: .45rem; right: .45rem; padding: .15rem .6rem; border: .06rem solid var(--line);
  border-radius: .3rem; background: var(--paper); color: var(--soft); font: .78rem/1.5 var(--sans); cursor: pointer;
}
.block button:hover { color: var(--ink); border-color: var(--soft); }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th {
  padding: .3rem .9rem .3rem 0; text-align: left; font-size: .75rem; font-weight: 600;
  letter-spacing: .05em; color: var(--soft);
}
td { padding: .55rem .9rem .55rem 0; border-top: .06rem solid var(--line); vertical-align: top; }
td:first-child { white-space: nowrap; }
td:last-child, th:last-child { width: 48%; padding-right: 0; }
td.name code, .block code { padding: 0; background: none; font-size: inherit; }
td.name code { font-weight: 600; }
td.must { color: var(--ripe); font-weight: 600; }
td .allowed { display: block; color: var(--soft); }
.errors td:last-child, .guide td:last-child, .guide th:last-child { width: auto; }
.guide td:first-child { white-space: normal; }
.code { scroll-margin-top: 1rem; padding: .9rem 0; border-top: .06rem solid var(--line); }
.code h3 { margin: 0; font: 600 .95rem/1.5 var(--mono); overflow-wrap: anywhere; }
.code h3 a { color: inherit; text-decoration: none; }
.code h3 small { margin-left: .6rem; font: 400 .85rem/1.5 var(--mono); }
.code p { margin: .2rem 0 0; max-width: 44rem; }
.code:target { margin-left: -1rem; padding-left: .75rem; border-left: .25rem solid var(--peel); }
details { margin: 1rem 0; }
summary { cursor: pointer; color: var(--leaf); }
footer {
  margin-top: 4rem; padding-top: 1rem; border-top: .06rem solid var(--line); color: var(--soft);
  font-size: .9rem;
}
@media (min-width: 62rem) {
  .page {
    grid-template-columns: 14rem minmax(0, 46rem); gap: 0 4.5rem; justify-content: center;
    padding-top: 3.5rem;
  }
  nav {
    grid-row: 1 / span 2; position: sticky; top: 1.5rem; align-self: start;
    max-height: calc(100vh - 3rem); overflow-y: auto;
  }
  nav ul { display: block; margin-bottom: 1rem; }
}
@media (max-width: 40rem) {
  h1 { font-size: 2.1rem; }
  h2 { margin-top: 3rem; }
  .call code { font-size: .9rem; }
  .block button { position: static; display: block; margin: .4rem 0 0 auto; padding: .3rem .8rem; }
  table, tbody { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .8rem; padding: .7rem 0; }
  tr { border-top: .06rem solid var(--line); }
  td, td:last-child { width: auto; padding: 0; border: 0; color: var(--soft); }
  td.name { width: 100%; color: var(--ink); font-size: 1rem; }
  td.must { color: var(--ripe); }
  td:last-child, .errors td:last-child { width: 100%; color: var(--ink); }
  td.none { display: none; }
  td[data-label]::before { content: attr(data-label) " "; }
  .code:target { margin-left: -.75rem; padding-left: .5rem; }
}
@media print { nav, .block button { display: none; } }
"""

# The button is made here, so that without a clipboard (plain http on another host) there is none.
SCRIPT = """
if (navigator.clipboard) for (const block of document.querySelectorAll(".block")) {
  const button = document.createElement("button");
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("pre").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  block.append(button);
}
"""

# A banana in one line: an arc outside, a flatter one inside, and the stem.
MARK = (
    '<svg viewBox="0 0 48 48" aria-hidden="true"><path d="M39 4l4 2-1 6c1 17-12 31-31 32-4 0-6-1-7-3 0-2 2-3 5-3'
    ' 15-3 26-13 27-27l2-1z"/></svg>'
)


def source(content: str) -> str:
    """The policy's name for an inline style or script: nothing else of its kind runs on the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
