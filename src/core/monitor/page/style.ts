import { html } from "./html.ts";

/** Everything by one sheet in the page itself: nothing is loaded. Colours hold a contrast of 4.5 in both schemes (WCAG 1.4.3). */
export const STYLE = html`
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--text:#1b1f24;--soft:#59636e;--edge:#d9dee4;
--good:#116329;--quiet:#0550ae;--warn:#7d4e00;--bad:#a40e26;--good-back:#dafbe1;--quiet-back:#ddf4ff;--warn-back:#fff1c9;--bad-back:#ffebe9}
@media (prefers-color-scheme:dark){:root{--back:#0d1117;--card:#161b22;--text:#e6edf3;--soft:#9aa4af;--edge:#30363d;
--good:#56d364;--quiet:#79c0ff;--warn:#e3b341;--bad:#ff9a92;--good-back:#0f2d19;--quiet-back:#0c2540;--warn-back:#332605;--bad-back:#3c1418}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1,h2{margin:0;line-height:1.25}
h1{font-size:1.75rem}
h2{font-size:1rem;margin-bottom:.5rem}
p{margin:.25rem 0 0}
section,header{background:var(--card);border:1px solid var(--edge);border-radius:.6rem;padding:1rem;margin-bottom:1rem;overflow-wrap:anywhere}
.good{color:var(--good);background:var(--good-back)}.quiet{color:var(--quiet);background:var(--quiet-back)}
.warn{color:var(--warn);background:var(--warn-back)}.bad{color:var(--bad);background:var(--bad-back)}
.good,.quiet,.warn,.bad{border-color:currentColor}
header p,.notice p{color:var(--text)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem 1.25rem;margin:0}
dt,.soft,.none,th,footer{color:var(--soft);font-size:.875rem}
dd{margin:0;font-weight:600}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr));gap:1.25rem}
.now{display:flex;justify-content:space-between;gap:1rem;align-items:baseline}
.now b{font-size:1.25rem}
svg{display:block;width:100%;height:6rem;margin:.25rem 0;color:var(--quiet)}
.line{fill:none;stroke:currentColor;stroke-width:2;vector-effect:non-scaling-stroke}
.area{fill:currentColor;opacity:.12}
table{border-collapse:collapse;width:100%}
th{text-align:left;font-weight:400}
td,th{padding:.35rem .75rem .35rem 0;border-top:1px solid var(--edge);vertical-align:top}
tr:first-child th{border-top:0}
th:first-child{width:9rem}
time{white-space:nowrap}
td b,li b{font-weight:600}
ul{margin:.25rem 0 0;padding-left:1.1rem}
.added{color:var(--good)}.removed{color:var(--bad)}.changed{color:var(--quiet)}
code{font:.875em ui-monospace,monospace}
footer{padding:0 .25rem}
`;
