/** By name, what a colour is in the light and in the dark. */
const colours: Readonly<Record<string, readonly [string, string]>> = {
  ink: ['#1f2430', '#e4e7ec'],
  quiet: ['#5b6577', '#98a2b3'],
  line: ['#e4e7ec', '#2b303b'],
  paper: ['#fbfbfc', '#14171d'],
  card: ['#ffffff', '#1b1f27'],
  accent: ['#2f5fd0', '#8fb0ff'],
  live: ['#14703f', '#5fd39a'],
  degraded: ['#8f5200', '#f0b354'],
  down: ['#b42318', '#ff8a80'],
  closed: ['#7a3ea8', '#cfa3ee'],
};

// Registered, so that scripts read a colour and not the function that chooses it.
const registered = Object.keys(colours).map(
  (name) => `@property --${name}{syntax:"<color>";inherits:true;initial-value:#808080}`,
);
const chosen = Object.entries(colours).map(([name, [light, dark]]) => `--${name}:light-dark(${light},${dark});`);

/** Colours, letters, and what every page has around it. */
export const baseStyle = `
${registered.join('\n')}
:root{color-scheme:light dark;${chosen.join('')}--tint:11%}
:root[data-theme=light]{color-scheme:light}
:root[data-theme=dark]{color-scheme:dark}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:break-word}
header,main,footer{max-width:92rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:.9rem;padding-bottom:.4rem}
main{outline:0}
footer{padding-top:2.5rem;padding-bottom:2rem;font-size:.9em}
.bar,.standing,.tools{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem 1.1rem}
.tools{margin-left:auto;gap:.2rem .4rem}
.standing{gap:.4rem .5rem;padding-top:.6rem;min-height:2.4rem}
.standing form,.tools form{margin:0}
.brand{font-weight:650;font-size:1.2rem;color:inherit;text-decoration:none;letter-spacing:-.01em}
nav{display:flex;gap:.2rem}
nav a{padding:.25rem .7rem;border-radius:.4rem;text-decoration:none;color:var(--quiet)}
nav a:hover{color:var(--ink)}
nav a[aria-current]{color:var(--ink);font-weight:600;background:color-mix(in srgb,var(--ink) 7%,transparent)}
a{color:var(--accent)}
h1,h1.mono{font-size:1.25rem;font-weight:650;margin:1.1rem 0 .5rem;outline:0;overflow-wrap:anywhere}
h2{font-size:1rem;font-weight:650;margin:1.7rem 0 .55rem}
h3,h3.mono{font-size:1rem;font-weight:600;margin:0}
h1 .quiet,h2 .quiet{font-weight:400;font-size:.9em;margin-left:.35rem}
.quiet,footer{color:var(--quiet)}
code,.mono,kbd,input,textarea{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.93em}
code,.mono{overflow-wrap:anywhere}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-99rem;top:.4rem;padding:.3rem .8rem;background:var(--card);border:1px solid var(--line);border-radius:.4rem;z-index:2}
.skip:focus{left:1rem}
.chip,.state{display:inline-block;padding:.05rem .55rem;border-radius:1rem;font-size:.93em;color:var(--c);background:color-mix(in srgb,var(--c) var(--tint),transparent)}
.state{font-weight:600;white-space:nowrap}
.live{--c:var(--live)}.degraded{--c:var(--degraded)}.down{--c:var(--down)}.closed{--c:var(--closed)}.info{--c:var(--quiet)}
.dot{display:inline-block;width:.5rem;height:.5rem;border-radius:50%;background:var(--c);margin-right:.4rem;vertical-align:.06em;flex:none}
.dot.degraded{border-radius:1px}.dot.down{border-radius:0;clip-path:polygon(50% 0,100% 100%,0 100%)}
.notice{margin:.5rem 0;padding:.45rem .8rem;border-left:3px solid var(--c,var(--degraded));background:color-mix(in srgb,var(--c,var(--degraded)) 8%,transparent)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;overflow:hidden}
.empty{margin:0;padding:1.4rem .9rem;color:var(--quiet);text-align:center}
.why{color:var(--quiet);overflow-wrap:anywhere}
.totals,.numbers{display:flex;flex-wrap:wrap;margin:0;font-variant-numeric:tabular-nums}
.totals{gap:0 1.4rem;margin-left:auto}
.totals div{display:flex;gap:.4rem;align-items:baseline}
.totals dt,.numbers dt{color:var(--quiet)}
.totals dd,.numbers dd{margin:0;font-weight:600}
.totals dd .quiet{font-weight:400}
button,.button{border:0;border-radius:.4rem;padding:.42rem 1rem;background:var(--accent);color:var(--card);font:inherit;font-weight:600;cursor:pointer;text-decoration:none}
button.plain{background:none;color:var(--quiet);font-weight:400;padding:.25rem .5rem}
button.plain:hover{color:var(--ink)}
button.small{padding:.18rem .6rem;background:color-mix(in srgb,var(--accent) 10%,transparent);color:var(--accent)}
button.armed{background:var(--down);color:var(--card)}
button:disabled{opacity:.6;cursor:default}
input,textarea{border:1px solid color-mix(in srgb,var(--quiet) 65%,transparent);border-radius:.4rem;padding:.42rem .6rem;background:var(--paper);color:var(--ink);min-width:0}
::placeholder{color:var(--quiet);opacity:1}
:is(a,button,input,textarea,summary):focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:.3rem}
summary{cursor:pointer;color:var(--quiet);padding:.4rem 0}
main.plain,main.sign-in{max-width:26rem;padding-top:12vh}
main.plain{max-width:44rem}
.sign-in form{display:grid;gap:.6rem}
.sign-in .notice{margin:0}
@media(prefers-reduced-motion:no-preference){.chip,.state,button.small{transition:background-color .15s,color .15s}}
@media(max-width:40rem){
header,main,footer{padding-left:.8rem;padding-right:.8rem}
.bar nav{order:1;flex:1 0 100%;margin-left:-.5rem}
.totals{margin-left:0}
nav a{padding:.25rem .5rem}
}
`;
