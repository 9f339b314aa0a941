/** Tables: wide ones that keep their columns while numbers change, and the same as cards on a narrow screen. */
export const tableStyle = `
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:500}
thead th{font-size:.93em;color:var(--quiet);padding:.45rem .6rem;border-bottom:1px solid var(--line);white-space:nowrap}
tbody th,td{padding:.42rem .6rem;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
tbody th{font-weight:400}
tbody tr:last-child>*{border-bottom:0}
:is(th,td):is(.n,.rate){text-align:right}
td.n{white-space:nowrap}
thead button.plain{padding:.1rem 0;font-weight:500;font-size:inherit}
.zero{color:var(--quiet)}
td.bad{color:var(--down);font-weight:600}
table.routes{font-size:13px}
@media(min-width:70.01rem){
table.routes{table-layout:fixed}
table.routes :is(th,td){padding-left:.4rem;padding-right:.4rem}
table.routes :is(th,td):first-child{padding-left:.8rem}
table.routes :is(th,td):last-child{padding-right:.8rem}
.routes thead .c-state{width:5.7rem}.routes thead .c-tls{width:10.8rem}.routes thead .rate{width:6rem}
.routes thead .n{width:3.25rem}.routes thead .n.p{width:3.9rem}.routes thead .n.sockets{width:4.2rem}
.routes thead .c-route{width:17%}
}
.routes .c-route a{text-decoration:none;color:inherit;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.96em}
.routes .c-route a:hover{text-decoration:underline}
.routes .c-route .quiet{display:block;font-size:.93em}
.routes tbody tr:hover{background:color-mix(in srgb,var(--ink) 3%,transparent)}
.routes ul{list-style:none;margin:0;padding:0}
td.rate{white-space:nowrap}
.spark{width:44px;height:16px;vertical-align:-3px;margin-right:.4rem;overflow:visible}
.spark polyline{fill:none;stroke:var(--accent);stroke-width:1.2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
table.rows th code{font-size:.9em}
table.options th,table.options td{padding-top:.28rem;padding-bottom:.28rem}
.options thead th:first-child{width:26%}.options thead th:last-child{width:30%}
.noted td:first-child{white-space:nowrap}
.head{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.4rem 1rem;margin:1.4rem 0 .55rem}
.head h1,.head h2,.head h3{margin:0}
.filter{width:min(22rem,100%)}
@media(max-width:70rem){
table.routes,.routes :is(thead,tbody,td,th){display:block}
table.routes :is(tr th,tr td){padding:0;border:0;text-align:left}
.routes tr{display:flex;flex-wrap:wrap;gap:.1rem 1rem;padding:.6rem .8rem;border-bottom:1px solid var(--line)}
.routes tbody tr:last-child{border-bottom:0}
.routes thead tr{gap:0 .9rem;padding:.3rem .8rem}
.routes thead tr::before{content:"sort by";padding:.1rem 0;color:var(--quiet)}
.routes tbody th.c-route{flex:1 1 60%;order:-1}
.routes tbody td.c-state{order:-1}
.routes tbody td:is(.c-backends,.c-tls){flex:1 1 100%}
.routes td.n.zero{display:none}
td[data-head]::before{content:attr(data-head) " ";color:var(--quiet);font-weight:400}
}
@media(max-width:58rem){
table.rows,.rows :is(tbody,tr,td,tbody th){display:block}
.rows thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.rows tbody tr{padding:.55rem .8rem;border-bottom:1px solid var(--line)}
.rows tbody tr:last-child{border-bottom:0}
.rows tbody :is(th,td){padding:.08rem 0;border:0}
.rows td.n{display:inline-block;text-align:left;margin-right:1rem}
}
`;
