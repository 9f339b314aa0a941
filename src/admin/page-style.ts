import { Html } from './html.ts';

/** One stylesheet for light and dark, for a wide screen and a phone. No fonts, no pictures: nothing is loaded. */
export const pageStyle = new Html(`
:root{--ink:#1f2430;--quiet:#667085;--line:#e4e7ec;--paper:#fbfbfc;--card:#fff;--accent:#2f5fd0;
--live:#1a7f4b;--degraded:#a15c00;--down:#b42318;--closed:#7a3ea8;--tint:12%}
@media(prefers-color-scheme:dark){:root{--ink:#e4e7ec;--quiet:#98a2b3;--line:#2b303b;--paper:#14171d;--card:#1b1f27;--accent:#8fb0ff;
--live:#5fd39a;--degraded:#f0b354;--down:#ff8a80;--closed:#cfa3ee;--tint:16%}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
header,main,footer{max-width:74rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1rem;padding-top:1.1rem;padding-bottom:1.1rem}
.brand{font-weight:650;font-size:1.15rem;color:inherit;text-decoration:none;letter-spacing:-.01em}
nav{margin-left:auto;display:flex;gap:1rem}
a{color:var(--accent)}nav a{text-decoration:none}nav a:hover{text-decoration:underline}
h2{font-size:1rem;font-weight:650;margin:2rem 0 .6rem}
h2 .quiet{font-weight:400;margin-left:.35rem}
.quiet,footer{color:var(--quiet)}
footer{padding-top:2.5rem;padding-bottom:2rem;font-size:.85rem}
code,.mono,input{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em}
code,.mono{overflow-wrap:anywhere}
.chips{display:flex;flex-wrap:wrap;gap:.4rem}
.chip,.state{display:inline-block;padding:.05rem .6rem;border-radius:1rem;font-size:.85rem;color:var(--c);
background:color-mix(in srgb,var(--c) var(--tint),transparent)}
.state{font-weight:600;white-space:nowrap}
.live{--c:var(--live)}.degraded{--c:var(--degraded)}.down{--c:var(--down)}.closed{--c:var(--closed)}.info{--c:var(--line)}
.notice{margin:0 0 .8rem;padding:.5rem .9rem;border-left:3px solid var(--degraded);background:color-mix(in srgb,var(--degraded) 8%,transparent)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;overflow:hidden}
table{width:100%;border-collapse:collapse}
th{text-align:left;font-size:.8rem;font-weight:500;color:var(--quiet);padding:.55rem .9rem;border-bottom:1px solid var(--line)}
td{padding:.6rem .9rem;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.route{min-width:14rem}td.issuer{min-width:10rem}ul.backends code{white-space:nowrap}
.why{overflow-wrap:anywhere;font-size:.88rem;color:var(--quiet);margin-top:.15rem}
ul.backends{list-style:none;min-width:11rem;margin:0;padding:0}
ul.backends li{margin:.05rem 0}
.dot{display:inline-block;width:.5rem;height:.5rem;border-radius:50%;background:var(--c);margin-right:.45rem;vertical-align:.05em}
.problem{padding:.75rem .9rem .75rem 1.1rem;border-bottom:1px solid var(--line);border-left:3px solid var(--c)}
.problem:last-child{border-bottom:0}
.problem p{margin:.1rem 0 0}.problem .mend{font-weight:550}
.empty{padding:1.6rem .9rem;color:var(--quiet);text-align:center}
.explain{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.9rem 1rem}
.explain label{font-size:.88rem;color:var(--quiet)}
.line{display:flex;gap:.5rem;margin:.3rem 0 .5rem}
input{border:1px solid var(--line);border-radius:.4rem;padding:.45rem .6rem;background:var(--paper);color:var(--ink);min-width:0}
.line input{flex:1}
button{border:0;border-radius:.4rem;padding:.45rem 1rem;background:var(--accent);color:var(--card);font:inherit;font-weight:600;cursor:pointer}
input:focus-visible,button:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
summary{cursor:pointer;font-size:.88rem;color:var(--quiet)}
.more{display:flex;flex-wrap:wrap;gap:.6rem 1.2rem;padding-top:.5rem}.more label{display:grid;gap:.15rem}
.answer{font-size:1.05rem;margin:.2rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1rem;margin:0;padding:.8rem .9rem}
dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
@media(max-width:58rem){
td.route,ul.backends{min-width:0}
nav{margin-left:0}
table,tbody,tr,td{display:block}thead{display:none}
tr{padding:.7rem .9rem;border-bottom:1px solid var(--line)}tr:last-child{border-bottom:0}
td{border:0;padding:.12rem 0}td.n{text-align:left;display:inline-block;margin-right:1rem}
td[data-head]::before{content:attr(data-head) " ";color:var(--quiet);font-size:.85rem}
.more input{width:100%}.more label{flex:1 1 12rem}
dl{grid-template-columns:1fr;gap:.05rem}dd{margin-bottom:.5rem}
}
`);
