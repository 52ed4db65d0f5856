// Draws what `./posthaste bench ladder --json` printed:
//
//   node bench/ladder/plot.mjs docs/images/ladder.jsonl > docs/images/ladder.svg
//
// A row a rung, a column a measure, each with a scale of its own; readable on light and on dark pages.
import { readFileSync } from 'node:fs';

const rungs = readFileSync(process.argv[2], 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line));
const { many, readers } = rungs[0];

const round = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
const share = (part, all) => (100 * part) / all;
const percent = (value) => (value === 0 ? 'none' : value < 1 ? 'under 1 %' : `${value.toFixed(0)} %`);
const columns = [
  { title: ['threads', `while ${many.toLocaleString('en')} wait`], of: (rung) => rung.threads, text: (value) => value.toLocaleString('en') },
  { title: ['memory', 'a waiter, KB'], of: (rung) => rung.bytes_per_waiter / 1024, text: round },
  { title: ['a change reaches', `all ${readers.toLocaleString('en')}, ms`], of: (rung) => rung.to_all_p50_ms, text: round },
  { title: ['lost between', 'two polls'], of: (rung) => share(rung.lost, rung.sent), text: percent, max: 100 },
  { title: ['lost while the', 'client was away'], of: (rung) => share(rung.broken_lost, rung.broken), text: percent, max: 100 },
];

const left = 176;
const columnWidth = 148;
const barWidth = 80;
const top = 66;
const rowHeight = 34;
const width = left + columns.length * columnWidth + 8;
const height = top + rungs.length * rowHeight + 14;

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const out = [];
out.push(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">The ladder: what each way to do long polling costs, and what it loses</title>
<style>
  .page { fill: #ffffff } text { fill: #1f2933; font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif }
  .soft { fill: #5c6b7a } .rule { stroke: #e3e8ee } .bar { fill: #a9b6c4 } .ours { fill: #0f8a6d } .name { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #11161c } text { fill: #e6ebf1 } .soft { fill: #97a5b4 } .rule { stroke: #2a333d } .bar { fill: #4b5a69 } .ours { fill: #35c79f }
  }
</style>
<rect class="page" width="${width}" height="${height}" rx="8"/>`);

columns.forEach(({ title }, i) => {
  const x = left + i * columnWidth;
  out.push(`<text x="${x}" y="28">${escape(title[0])}</text><text class="soft" x="${x}" y="46">${escape(title[1])}</text>`);
});
rungs.forEach((rung, row) => {
  const y = top + row * rowHeight;
  const isOurs = rung.rung.startsWith('Posthaste');
  out.push(`<line class="rule" x1="14" x2="${width - 14}" y1="${y - 4}" y2="${y - 4}"/>`);
  out.push(`<text class="${isOurs ? 'name' : ''}" x="16" y="${y + 17}">${escape(rung.rung)}</text>`);
  columns.forEach(({ of, text, max }, i) => {
    const x = left + i * columnWidth;
    const value = Math.max(0, of(rung));
    const most = max ?? Math.max(...rungs.map(of));
    const length = value === 0 ? 0 : Math.max(1.5, (barWidth * value) / most);
    out.push(`<rect class="${isOurs ? 'ours' : 'bar'}" x="${x}" y="${y + 4}" width="${length.toFixed(1)}" height="18" rx="2"/>`);
    out.push(`<text x="${(x + length + (length > 0 ? 6 : 0)).toFixed(1)}" y="${y + 17}">${text(value)}</text>`);
  });
});
out.push('</svg>');
console.log(out.join('\n'));
