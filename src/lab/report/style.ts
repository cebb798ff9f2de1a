import { colourRules } from './theme.ts';

const LAYOUT = `
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1080px;margin:0 auto;padding:44px 28px 56px}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3em;font-weight:650;letter-spacing:-.012em;text-wrap:balance}
h2{font-size:1.2rem;margin:2.6em 0 .2em;font-weight:650}
h3{font-size:.9rem;margin:1.5em 0 .5em;font-weight:500}
p{margin:.3em 0 1em;max-width:46em}
.soft,.lead{color:var(--soft)}
.lead{font-size:1.05rem;margin-bottom:1.4em;max-width:none}
.caption{color:var(--soft);font-size:.9rem;max-width:56em;text-wrap:pretty}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em;overflow-wrap:anywhere}
pre{margin:0 0 1.1em;padding:.8em 1em;background:var(--panel);border:1px solid var(--faint);border-radius:6px;white-space:pre-wrap}
dl{display:flex;flex-wrap:wrap;gap:.7em 3em;margin:0}
dt{color:var(--soft);font-size:.78rem}
dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.note{background:var(--note);border-left:3px solid var(--note-line);padding:.7em 1em;margin:0 0 1.4em;border-radius:0 6px 6px 0;max-width:none}
footer{margin-top:3.2em;padding-top:1em;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}`;

const TABLE = `
.scroll{overflow-x:auto;margin:.8em 0 .7em}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
th,td{padding:.5em .65em;text-align:right;white-space:nowrap;border-bottom:1px solid var(--faint)}
thead th{color:var(--soft);font-weight:500;font-size:.8rem;line-height:1.25;vertical-align:bottom;white-space:normal;border-bottom:1.5px solid var(--line)}
.left{text-align:left}
td.left{white-space:normal;min-width:16em}
tbody th{font-weight:600;position:sticky;left:0;background:var(--page)}
tbody tr:last-child>*{border-bottom:1.5px solid var(--line)}
.swatch{display:inline-block;width:.7em;height:.7em;border-radius:2px;background:var(--c);margin-right:.55em}`;

const PICTURES = `
figure{margin:0;min-width:0}
figcaption{font-size:.9rem;font-weight:600;margin-bottom:.35em}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font-family:inherit;font-size:12px;fill:var(--ink);font-variant-numeric:tabular-nums}
svg .tick,svg .axis{fill:var(--soft)}
svg .small{font-size:11px}
svg .name{fill:var(--c);font-weight:600}
.grid{stroke:var(--faint);stroke-width:1}
.frame{stroke:var(--line);stroke-width:1}
.curve,.before,.leader{fill:none;stroke:var(--c);stroke-width:1.9;stroke-linejoin:round;stroke-linecap:round}
.before{stroke:var(--before);stroke-width:1.6}
.leader{stroke-width:.8;stroke-dasharray:1 2.5}
.end,.bar{fill:var(--c)}
.pair,.trio,.multiples{display:grid;gap:28px 34px}
.pair{grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));margin-top:1em}
.trio{grid-template-columns:repeat(auto-fit,minmax(min(100%,270px),1fr));margin-top:1em}
.multiples{grid-template-columns:repeat(auto-fill,minmax(165px,1fr));gap:16px 18px}
.multiples figcaption{color:var(--c);font-size:.8rem;margin:0 0 .1em}
.key{display:inline-block;width:1.5em;border-top:2px solid var(--c,var(--before));vertical-align:middle;margin:0 .4em}`;

const DISK = `
.disk{container-type:inline-size;max-width:780px;margin:0 auto}
.rim{fill:var(--panel);stroke:var(--line);stroke-width:1.2}
.edge{fill:none;stroke:var(--c);stroke-width:.8;stroke-opacity:.5}
.dot{fill:var(--c)}
svg .place text{font-size:13px;font-weight:600;paint-order:stroke;stroke:var(--panel);stroke-width:3.2px;stroke-linejoin:round}
svg .legend text{font-size:15px;fill:var(--soft)}
.narrow{display:none}
@container (max-width:520px){svg .place text{font-size:21px;stroke-width:5px}.narrow{display:inline}.wide{display:none}svg .legend text{font-size:20px}}`;

const MEDIA = `
@media (max-width:560px){
main{padding:26px 16px 40px}
h1{font-size:1.5rem}
.multiples{grid-template-columns:1fr 1fr;gap:14px 12px}
svg .small{font-size:14px}
.pair svg text{font-size:16px}
th,td{padding:.5em .5em}
.dots{overflow-x:auto}
.dots svg{min-width:620px}
}
@media print{
html{font-size:11.5px}
body{font-size:1rem}
main{max-width:none;padding:0}
h2{margin-top:1.6em}
.pair{grid-template-columns:1fr 1fr;gap:16px}
.trio{grid-template-columns:repeat(3,1fr);gap:14px}
h2,h3{break-after:avoid}
figure,tr,section{break-inside:avoid}
.multiples{grid-template-columns:repeat(5,1fr);gap:8px}
table{font-size:.78rem}
.scroll{overflow:visible}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}`;

/** The report's style sheet. It loads nothing: fonts are those of the reader's system. */
export function styleSheet(): string {
  return [colourRules(), LAYOUT, TABLE, PICTURES, DISK, MEDIA].join('\n');
}
