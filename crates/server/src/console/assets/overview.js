// The figures of the server, every two seconds: what was counted in between, drawn as lines over the last five minutes.

import { ask, notice } from "./console.js";
import { curl, random } from "./debug-calls.js";
import { element, fill } from "./debug-form.js";

const EVERY = 2000;
const POINTS = 150;
/** As many points as a chart has place for at least, so that the first ones are to be seen. */
const POINTS_FIRST = 30;
const WIDE = 300;
const HIGH = 100;

const at = (id) => document.getElementById(id);
const root = at("overview");
const words = JSON.parse(root.dataset.words);
const lang = document.documentElement.lang;
const number = (value, digits = 0) => value.toLocaleString(lang, { maximumFractionDigits: digits });

const points = [];
let last;

function time(nanoseconds) {
  if (nanoseconds < 1e6) return `${number(nanoseconds / 1e3)} µs`;
  return nanoseconds < 1e9 ? `${number(nanoseconds / 1e6, 1)} ms` : `${number(nanoseconds / 1e9, 2)} s`;
}

function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${number(bytes / 1024 ** unit, 1)} ${units[unit]}`;
}

function span(seconds) {
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600), Math.floor(seconds / 60)];
  if (days > 0) return fill(words.day, days, hours % 24);
  return hours > 0 ? fill(words.hour, hours, minutes % 60) : fill(words.minute, minutes, seconds % 60);
}

const minus = (counts, before) => counts.map((count, n) => count - (before?.[n] ?? 0));
const sum = (counts) => counts.reduce((all, one) => all + one, 0);

/** Below which value that part of what was counted is; within a bucket, values are taken to be spread evenly. */
function quantile({ bounds }, counts, part) {
  const all = sum(counts);
  if (all === 0) return undefined;
  let left = all * part;
  for (const [n, count] of counts.entries()) {
    if (left <= count && count > 0) {
      const [from, to] = [bounds[n - 1] ?? 0, bounds[n] ?? bounds.at(-1)];
      return from + (to - from) * (left / count);
    }
    left -= count;
  }
  return bounds.at(-1);
}

function svg(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Lines over the last minutes. `series` are [class, name, value of a point]; a point without a value leaves a gap. */
function chart(id, series, show) {
  const values = series.flatMap(([, , of]) => points.map(of)).filter((value) => value !== undefined);
  const max = Math.max(...values, 0) * 1.15 || 1;
  const places = Math.max(points.length, POINTS_FIRST);
  const x = (n) => WIDE - (points.length - 1 - n) * (WIDE / (places - 1));
  const lines = series.flatMap(([kind, , of]) => {
    const runs = [[]];
    points.forEach((point, n) => {
      const value = of(point);
      if (value === undefined) runs.push([]);
      else runs.at(-1).push(`${x(n).toFixed(1)},${(HIGH - (value / max) * HIGH).toFixed(1)}`);
    });
    return runs.filter((run) => run.length > 0).map((run) => svg("polyline", run.length > 1 ? { class: kind, points: run.join(" ") } : { class: `${kind} dot`, points: `${run[0]} ${run[0]}` }));
  });
  const grid = [0, 0.5, 1].map((part) => svg("line", { class: "grid", x1: 0, x2: WIDE, y1: part * HIGH, y2: part * HIGH }));
  const drawn = svg("svg", { class: "chart", viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" }, ...grid, ...lines);
  const legend = series.map(([kind, name, of]) => {
    const value = of(points.at(-1) ?? {});
    const sign = svg("svg", { class: "chart sign", viewBox: "0 0 20 8", "aria-hidden": "true" }, svg("polyline", { class: kind, points: "0,4 20,4" }));
    return element("li", {}, sign, `${name}: ${value === undefined ? words.none : show(value)}`);
  });
  const axis = element("div", { class: "axis", "aria-hidden": "true" }, element("span", {}, fill(words.ago, (places * EVERY) / 1000)), element("span", {}, `↑ ${show(max)}`), element("span", {}, words.now));
  at(id).replaceChildren(drawn, axis, element("ul", { class: "legend" }, ...legend));
}

function table(id, rows) {
  const card = at(id).closest("section");
  card.querySelector(".table").hidden = rows.length === 0;
  card.querySelector("[data-none]").hidden = rows.length > 0;
  at(id).replaceChildren(...rows.map((cells) => element("tr", {}, ...cells)));
}

function show(now) {
  const count = (codes) => sum(codes.map((one) => one.count));
  const failures = (codes) => count(codes.filter((one) => one.code !== 0));
  if (last && now.up >= last.up) {
    const seconds = (now.at_ms - last.at_ms) / 1000 || 1;
    const took = minus(now.took.counts, last.took.counts);
    const commits = now.commits && minus(now.commits.counts, last.commits?.counts);
    points.push({
      calls: (count(now.codes) - count(last.codes)) / seconds,
      failures: (failures(now.codes) - failures(last.codes)) / seconds,
      p50: quantile(now.took, took, 0.5),
      p99: quantile(now.took, took, 0.99),
      commit50: commits && quantile(now.commits, commits, 0.5),
      commit99: commits && quantile(now.commits, commits, 0.99),
    });
    if (points.length > POINTS) points.shift();
  }
  at("health").textContent = now.health;
  at("health").className = `value ${now.healthy ? "good-text" : "bad-text"}`;
  at("up").textContent = span(now.up);
  at("total").textContent = number(count(now.codes));
  at("size").textContent = now.bytes == null ? words.memory : size(now.bytes);
  at("queue").textContent = now.queue ? `${number(now.queue.now)} / ${number(now.queue.max)}` : "–";
  at("applications").textContent = number(now.applications);
  if (now.batches) {
    const [writes, commands] = [sum(now.batches.counts) - sum(last?.batches?.counts ?? []), now.batches.sum - (last?.batches?.sum ?? 0)];
    at("batch").textContent = writes > 0 ? number(commands / writes, 1) : "–";
  }
  chart("throughput", [["one", words.calls, (point) => point.calls]], (value) => number(value, 1));
  chart("latency", [["one", words.p50, (point) => point.p50], ["two", words.p99, (point) => point.p99]], time);
  chart("errors", [["three", words.failures, (point) => point.failures]], (value) => number(value, 1));
  chart("commit", [["one", words.p50, (point) => point.commit50], ["two", words.p99, (point) => point.commit99]], time);
  const cell = (text, kind = "") => element("td", { class: kind }, text);
  const most = (rows) => rows.toSorted((one, other) => other.count - one.count);
  const code = (one) => element("span", { class: `tag ${one.code === 0 ? "good" : "bad"}` }, one.code === 0 ? "OK" : one.code === 4294967295 ? "?" : String(one.code));
  table("codes", most(now.codes).map((one) => [element("td", {}, code(one)), cell(one.meaning), cell(number(one.count), "number")]));
  table("commands", most(now.commands).map((one) => [element("td", {}, element("code", {}, one.command)), cell(number(one.count), "number")]));
  last = now;
  root.dataset.ready = String(points.length);
}

async function poll() {
  if (!document.hidden) {
    try {
      const reply = await ask("/console/overview/figures", { headers: { "x-cubby-poll": "1" } });
      if (reply.ok) show(await reply.json());
    } catch {
      at("health").textContent = "–";
      at("health").className = "value bad-text";
    }
  }
  setTimeout(poll, EVERY);
}

const button = at("curl");
if (button) {
  at("base").textContent = location.origin;
  button.addEventListener("click", async () => {
    const { app, identifier } = button.dataset;
    const reply = await ask(`/console/debug/sign?app=${app}`, { method: "POST", body: new URLSearchParams({ identifier }) });
    if (!reply.ok) {
      notice(await reply.text(), "bad");
      return;
    }
    const body = JSON.stringify({ UserID: "user0", Nick: "user0" });
    const text = curl(location.origin, "im_open_login_svc/account_import", await reply.json(), random(), body);
    at("curl-text").textContent = text;
    at("curl-text").hidden = false;
    try {
      await navigator.clipboard.writeText(text);
      notice(words.copied, "good");
    } catch {
      notice(words.not_copied);
    }
  });
}
poll();
