/** What single pages are made of. */
export const partStyle = `
ul.problems,ul.plain,ul.reasons,ol.steps{list-style:none;margin:0;padding:0}
ul.plain li,ul.reasons li{padding:.4rem .9rem;border-bottom:1px solid var(--line)}
ul.plain li:last-child,ul.reasons li:last-child{border-bottom:0}
.problem{padding:.6rem .9rem .6rem 1.1rem;border-bottom:1px solid var(--line);border-left:3px solid var(--c)}
.problem:last-child{border-bottom:0}
.problem p{margin:.1rem 0 0}.problem .mend{font-weight:550}
.problem .labels{display:flex;flex-wrap:wrap;gap:.1rem .8rem;color:var(--quiet)}
.severity{color:var(--c);font-weight:600;font-size:.93em}
.problem.info .severity{color:var(--quiet)}
.certificate .problem{border-bottom:0;margin:.5rem 0 0}
.trouble{margin:.8rem 0;padding:.7rem .9rem;border:1px solid color-mix(in srgb,var(--down) 35%,transparent);border-radius:.6rem;background:color-mix(in srgb,var(--down) 4%,var(--card))}
.trouble h2{margin:0 0 .35rem}
.trouble ul{list-style:none;margin:0;padding:0}
.trouble li{padding:.12rem 0;display:flex;flex-wrap:wrap;gap:.1rem .6rem;align-items:baseline}
.trouble li .why{flex:1 1 20rem}
.trouble .state{min-width:5.6rem;text-align:center}
.trouble .links{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.35rem 0 0}
.calm{margin:.8rem 0}
section:target>h2{text-decoration:underline;text-underline-offset:.3em}
.numbers{gap:.5rem 2rem;padding:.6rem .9rem}
.numbers dd{font-size:1.1em}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem;margin-top:1.4rem}
figure{margin:0;padding:.6rem .9rem;min-width:0}
figcaption{font-weight:600;margin-bottom:.3rem}
time-chart{display:block;min-height:180px}
.uplot,.u-legend{font:inherit}
.uplot .u-legend{font-size:.93em;text-align:left;font-variant-numeric:tabular-nums}
.uplot .u-legend :is(th,td){border:0;padding:.1rem .2rem;vertical-align:baseline}
.uplot .u-legend tr:first-child .u-marker{display:none}
.uplot .u-legend .u-marker{border-radius:0;height:.15em;border-width:0 0 2px}
.said{margin:.4rem 0}.said:empty{margin:0}
.certificate{padding:.8rem .9rem;border-bottom:1px solid var(--line)}
.certificate:last-child{border-bottom:0}
.certificate .head{margin:0 0 .3rem;justify-content:flex-start}
.certificate dl{display:flex;flex-wrap:wrap;gap:.1rem 2rem;margin:0}
.certificate dl>div{display:flex;gap:.5rem}
.help dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem .9rem;margin:0}
.certificate dt,.help dt{color:var(--quiet)}
.certificate dd,.help dd{margin:0;overflow-wrap:anywhere}
.certificate p:not(:empty){margin:.3rem 0 0}
.actions{display:flex;flex-wrap:wrap;gap:.4rem;margin-top:.55rem}
.explain{padding:.8rem .9rem}
.explain label{color:var(--quiet)}
.line{display:flex;gap:.5rem;margin:.3rem 0 .3rem}
.line input{flex:1}
.more{display:flex;flex-wrap:wrap;align-items:flex-start;gap:.6rem 1.2rem;padding-top:.2rem}
.more label{display:grid;gap:.15rem}
.more .wide{flex:1 1 18rem}
.verdict{padding:.3rem .9rem}
.verdict p{margin:.35rem 0}
ol.steps li{display:grid;grid-template-columns:7.5rem 1fr max-content;gap:.1rem .9rem;align-items:start;padding:.35rem .9rem;border-bottom:1px solid var(--line)}
ol.steps li:last-child{border-bottom:0}
ul.reasons{columns:24rem}
ul.reasons li{border:0;break-inside:avoid}
.reasons [aria-current]{font-weight:700}
dialog{border:1px solid var(--line);border-radius:.6rem;background:var(--card);color:var(--ink);padding:1.1rem 1.3rem;max-width:30rem}
dialog::backdrop{background:rgb(0 0 0/.35)}
dialog h2{margin:0 0 .6rem}
dialog form{margin-top:1rem}
kbd{border:1px solid var(--line);border-radius:.3rem;padding:.05rem .4rem}
@media(max-width:40rem){
ol.steps li{grid-template-columns:1fr max-content}
ol.steps li span:nth-child(2){grid-row:2;grid-column:1/-1}
.line{flex-wrap:wrap}.line input{flex:1 1 100%}
.trouble li .why{flex-basis:100%}
}
`;
