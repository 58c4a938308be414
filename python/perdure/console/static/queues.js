// Queues: what they hold, live, and their limits.

import { h } from "./dom.js";
import { look } from "./api.js";
import { count, link, span } from "./format.js";
import { ask, attempt, button, plot, settings, table } from "./parts.js";

export const title = () => "Queues";
export const every = 2000;

const MOST = 150; // points of a plot: five minutes
const history = new Map(); // by queue: {waiting: [], running: []}, as long as the page is open

export async function load() {
  const found = await look("queues");
  for (const q of found.queues) {
    const seen = history.get(q.name) || { waiting: [], running: [] };
    for (const name of ["waiting", "running"]) {
      seen[name].push(q[name]);
      if (seen[name].length > MOST) seen[name].shift();
    }
    history.set(q.name, seen);
  }
  return found;
}

export function draw({ queues }) {
  const held = (name, status) => [
    name[0].toUpperCase() + name.slice(1),
    (q) => (q[name] ? h("a", { href: link("workflows", { queue: q.name, status }) }, count(q[name])) : "0"),
    "number",
  ];
  const columns = [
    ["Queue", (q) => [h("a", { href: link("workflows", { queue: q.name }) }, q.name), q.paused && h("span", { class: "pill CANCELLED" }, "paused"),
      q.application && h("span", { class: "note" }, ` of ${q.application}`)], "id"],
    held("waiting", "ENQUEUED"),
    held("running", "PENDING"),
    held("delayed", "DELAYED"),
    ["Suspended", (q) => count(q.suspended), "number"],
    ["Oldest waits", (q) => span(q.oldest_waiting), "number"],
    ["Limits", limits],
    ["Last minutes", picture],
  ];
  if (!settings.readOnly) columns.push(["", acts, "acts"]);
  return [
    h("h1", {}, "Queues"),
    h("div", { class: "wide" }, table("Queues", queues, columns, (q) => q.name, "There is no queue.")),
    h("p", { class: "note" }, "Last minutes, while this page is open: ", h("span", { class: "waiting key" }, "waiting"),
      h("span", { class: "running key" }, "running")),
  ];
}

function limits(q) {
  const per = (rate, period) => `${count(rate)} per ${span(period)}`;
  const parts = [
    q.concurrency !== null && `${count(q.concurrency)} at once`,
    q.worker_concurrency !== null && `${count(q.worker_concurrency)} a worker`,
    q.rate_limit !== null && per(q.rate_limit, q.rate_period),
    q.partitioned && `partitioned${q.partitions_waiting ? `, ${count(q.partitions_waiting)} wait` : ""}`,
    q.partition_concurrency !== null && `${count(q.partition_concurrency)} a partition`,
    q.partition_rate_limit !== null && `a partition ${per(q.partition_rate_limit, q.partition_rate_period)}`,
    q.priority_ageing !== null && `priority rises in ${span(q.priority_ageing)}`,
  ].filter(Boolean);
  return parts.length ? parts.join(", ") : h("span", { class: "none" }, "none");
}

function picture(q) {
  const seen = history.get(q.name);
  return plot(`${q.name}: ${count(q.waiting)} wait, ${count(q.running)} run`,
    [["waiting", seen.waiting], ["running", seen.running]], Math.max(30, seen.running.length));
}

function acts(q) {
  return [
    q.paused
      ? button("Resume", () => attempt("queues/resume", { name: q.name }, `${q.name} goes on`))
      : button("Pause…", async () => {
          if (await ask(`Pause ${q.name}?`, "Nothing more starts from it; what runs goes on.", "Pause it"))
            await attempt("queues/pause", { name: q.name }, `${q.name} is paused`);
        }),
    " ",
    button("Limits…", () => change(q)),
  ];
}

const SETTINGS = [
  ["concurrency", "How many run at once", 1],
  ["worker_concurrency", "How many run at once on each worker", 1],
  ["rate_limit", "How many start in a period", 1],
  ["rate_period", "The period, in seconds", "any"],
  ["partition_concurrency", "How many of each partition run at once", 1],
  ["partition_rate_limit", "How many of each partition start in a period", 1],
  ["partition_rate_period", "That period, in seconds", "any"],
  ["priority_ageing", "Seconds of waiting for a step of priority", "any"],
];

async function change(q) {
  const data = await ask(`Limits of ${q.name}`, "Empty: no limit. Workers follow with their next claim.", "Set them",
    h("div", { class: "more" }, SETTINGS.filter(([name]) => q.partitioned || !name.startsWith("partition")).map(([name, label, step]) =>
      h("label", {}, label, h("input", { name, type: "number", min: "0", step, value: q[name] === null ? "" : q[name] })))));
  if (!data) return;
  const changes = {};
  for (const [name, given] of data) {
    const wanted = given === "" ? null : Number(given);
    if (wanted !== q[name]) changes[name] = wanted;
  }
  if (Object.keys(changes).length) await attempt("queues/update", { name: q.name, changes }, `the limits of ${q.name} are set`);
}
