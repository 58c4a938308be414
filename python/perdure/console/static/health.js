// What needs somebody, and the figures of the last hours.

import { h } from "./dom.js";
import { look } from "./api.js";
import { STATUSES, count, link, span, statusWord } from "./format.js";
import { at, table } from "./parts.js";

export const title = () => "Health";
export const every = 10000;

const HOURS = [[1, "1 hour"], [24, "24 hours"], [168, "7 days"]];

export async function load(query) {
  const hours = query.get("hours") || "1";
  const [health, figures, metrics] = await Promise.all([look("health"), look("figures", { hours }), look("metrics")]);
  return { ...health, figures, ...metrics, hours };
}

export function draw({ alerts, checks, denied, figures, metrics, hours }) {
  const wrong = checks.filter((check) => check.state !== "ok");
  const well = checks.filter((check) => check.state === "ok");
  return [
    h("h1", {}, "Health"),
    denied.map((text) => h("p", { class: "note", "data-key": text }, text)),
    h("section", { "data-key": "alerts" }, h("h2", {}, "Alerts"), table("Alerts", alerts, [
      ["Severity", (a) => h("span", { class: `pill ${a.severity === "critical" ? "ERROR" : "CANCELLED"}` }, a.severity)],
      ["What", (a) => a.kind],
      ["Of", (a) => a.subject, "id"],
      ["Since", (a) => at(a.since)],
      ["Seen", (a) => a.detail],
    ], (a) => `${a.kind} ${a.subject}`, "No alert.")),
    h("section", { "data-key": "checks" }, h("h2", {}, "Checks"),
      wrong.length > 0 && table("Checks", wrong, [
        ["State", (c) => h("span", { class: `pill ${c.state === "problem" ? "ERROR" : "CANCELLED"}` }, c.state)],
        ["What", (c) => c.subject, "id"],
        ["Seen", (c) => c.detail],
        ["What to do", (c) => c.hint],
      ], (c) => `${c.subject} ${c.detail}`, ""),
      h("ul", { class: "well" }, well.map((c) => h("li", { "data-key": c.subject }, h("strong", {}, c.subject), ` ${c.detail}`)))),
    h("section", { "data-key": "figures" }, h("h2", {}, "Created in the last"),
      h("p", { class: "acts" }, HOURS.map(([many, said]) =>
        h("a", { href: link("health", { hours: many }), "aria-current": String(many) === hours ? "true" : null }, said))),
      chart(figures),
      table("Durations of what has ended", figures.durations, [
        ["Workflow", (d) => h("a", { href: link("workflows", { name: d.name }) }, d.name), "id"],
        ["Ended", (d) => count(d.workflows), "number"],
        ["Wait p50", (d) => span(d.wait_p50), "number"],
        ["Wait p95", (d) => span(d.wait_p95), "number"],
        ["Run p50", (d) => span(d.run_p50), "number"],
        ["Run p95", (d) => span(d.run_p95), "number"],
        ["Longest", (d) => span(d.run_longest), "number"],
      ], (d) => d.name, "Nothing has ended in this time.")),
    h("details", { "data-key": "metrics" }, h("summary", {}, "Metrics"), table("Metrics", metrics, [
      ["Metric", (m) => m.name, "id"],
      ["Of", (m) => Object.entries(m.labels).map(([name, value]) => `${name}=${value}`).join(" ")],
      ["Value", (m) => m.value.toLocaleString(), "number"],
    ], (m) => `${m.name} ${JSON.stringify(m.labels)}`, "There are none.")),
  ];
}

function chart({ counts, since, until, width }) {
  const buckets = new Map();
  const totals = {};
  for (const { bucket, status, workflows } of counts) {
    const of = buckets.get(bucket) || {};
    of[status] = workflows;
    buckets.set(bucket, of);
    totals[status] = (totals[status] || 0) + workflows;
  }
  const most = Math.max(1, ...[...buckets.values()].map((of) => Object.values(of).reduce((a, b) => a + b, 0)));
  const begin = new Date(since).getTime() - width * 1000, all = new Date(until).getTime() - begin;
  const bars = [];
  for (const [bucket, of] of buckets) {
    const x = ((new Date(bucket).getTime() - begin) / all) * 480;
    let y = 100;
    for (const status of STATUSES.filter((each) => of[each])) {
      const height = (of[status] / most) * 96;
      y -= height;
      bars.push(h("rect", { x: x.toFixed(1), y: y.toFixed(2), width: Math.max((width * 480000) / all - 1, 1).toFixed(1), height: height.toFixed(2), class: status },
        h("title", {}, `${new Date(bucket).toLocaleString()}: ${count(of[status])} ${statusWord(status)}`)));
    }
  }
  const said = STATUSES.filter((each) => totals[each]).map((each) => `${count(totals[each])} ${statusWord(each)}`).join(", ");
  return h("figure", {},
    h("svg", { class: "chart", viewBox: "0 0 480 101", preserveAspectRatio: "none", role: "img" },
      h("title", {}, said || "nothing"), h("line", { x1: 0, x2: 480, y1: 100.5, y2: 100.5, class: "axis" }), bars),
    h("figcaption", {}, said ? STATUSES.filter((each) => totals[each]).map((each) =>
      h("span", { class: `key ${each}` }, `${count(totals[each])} ${statusWord(each)}`)) : "Nothing was created in this time."));
}
