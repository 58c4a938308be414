// One workflow: what it is, why it waits, its steps in time, its children.

import { h } from "./dom.js";
import { look, now } from "./api.js";
import { graph } from "./graph.js";
import { ACTIVE, between, count, link, span } from "./format.js";
import { ask, at, attempt, button, error, facts, pill, settings, tick, value, workflowLink } from "./parts.js";

export const title = (query) => query.get("id") || "Workflow";
export const every = 2000;

const pages = { id: null, many: 1 }; // how many pages of steps are shown
const MOST_PAGES = 20;

export async function load(query) {
  const id = query.get("id") || "";
  if (pages.id !== id) Object.assign(pages, { id, many: 1 });
  const [found, steps, tree] = await Promise.all([look("workflow", { id }), loadSteps(id), look("tree", { id })]);
  return { ...found, ...steps, nodes: tree.nodes };
}

async function loadSteps(id) {
  const steps = [];
  let next = null;
  for (let page = 0; page < pages.many; page++) {
    const found = await look("steps", next === null ? { id } : { id, after: next });
    steps.push(...found.steps);
    next = found.next;
    if (next === null) break;
  }
  return { steps, next };
}

export function draw({ workflow: w, waits, events, steps, next, nodes }) {
  const id = w.workflow_id;
  return [
    h("p", { class: "back" }, h("a", { href: "#/workflows" }, "← workflows")),
    h("h1", { class: "named" }, h("span", {}, id), " ", pill(w.status)),
    h("p", { class: "subtitle" }, w.workflow),
    !settings.readOnly && h("div", { class: "acts" }, acts(w)),
    waits.length > 0 && h("section", { class: "waits", "data-key": "waits" }, h("h2", {}, "Why it waits"),
      h("ul", {}, waits.map((each) => h("li", { title: each.reason }, each.detail)))),
    w.error && h("section", { "data-key": "error" }, h("h2", {}, "Error"), error(w.error)),
    h("section", { "data-key": "facts" }, h("h2", {}, "Facts"), facts(about(w))),
    h("section", { "data-key": "steps" }, h("h2", {}, "Steps"), timeline(w, steps, next),
      steps.length > 1 && h("details", { "data-key": "graph" }, h("summary", {}, "Graph"), graph(steps))),
    h("div", { class: "pair", "data-key": "values" },
      h("section", {}, h("h2", {}, "Input"), value(w.input)),
      h("section", {}, h("h2", {}, "Result"), value(w.output))),
    nodes.length > 1 && h("section", { "data-key": "tree" }, h("h2", {}, "Children"), tree(nodes)),
    events.length > 0 && h("section", { "data-key": "events" }, h("h2", {}, "Events"),
      events.map((each) => h("div", { "data-key": each.name }, h("h3", {}, each.name), value(each.value)))),
  ];
}

function about(w) {
  const ended = w.completed_at || (ACTIVE.has(w.status) ? now().toISOString() : null);
  return [
    ["queue", w.queue && h("a", { href: link("workflows", { queue: w.queue }) }, w.queue)],
    ["partition", w.partition_key],
    ["priority", w.priority ? count(w.priority) : null],
    ["deduplication id", w.deduplication_id],
    ["created", at(w.created_at)],
    ["started", at(w.started_at)],
    ["ended", at(w.completed_at)],
    ["waited", w.started_at && span(between(w.created_at, w.started_at))],
    ["took", w.started_at && span(between(w.started_at, ended))],
    ["put down until", at(w.wake_at)],
    ["timeout", w.timeout === null ? null : span(w.timeout)],
    ["deadline", at(w.deadline)],
    ["attempts", `${count(w.attempts)} of ${count(w.max_recovery_attempts)}`],
    ["failures", w.retries ? `${count(w.failures)} of ${count(w.retries)} retries` : null],
    ["worker", w.executor],
    ["version", w.app_version],
    ["application", w.application],
    ["class", w.class_name],
    ["instance", w.config_name],
    ["user", w.authenticated_user],
    ["roles", w.authenticated_roles?.join(", ")],
    ["role", w.assumed_role],
    ["schedule", w.schedule],
    ["child of", w.parent_id && workflowLink(w.parent_id)],
    ["fork of", w.forked_from && workflowLink(w.forked_from)],
    ["forks", w.was_forked && h("a", { href: link("workflows", { forked_from: w.workflow_id }) }, "list")],
    ["attributes", w.attributes && value(w.attributes)],
  ];
}

// ------------------------------------------------------------------------------------------ acts

function acts(w) {
  const id = w.workflow_id;
  const active = ACTIVE.has(w.status);
  const resumes = ["CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "DELAYED"].includes(w.status);
  return [
    active && button("Cancel…", async () => {
      const data = await ask("Cancel this workflow?", `${id} stops at its next checkpoint. What it has recorded stays.`,
        "Cancel it", tick("children", "with its children"));
      if (data) await attempt("workflows/cancel", { ids: [id], children: data.has("children") }, (a) => `${id}: ${a.workflows[id]}`);
    }),
    resumes && button("Resume…", async () => {
      const data = await ask("Resume this workflow?", `${id} goes on behind its last recorded step.`, "Resume it",
        tick("children", "with its children"));
      if (data) await attempt("workflows/resume", { ids: [id], children: data.has("children") }, (a) => `${id}: ${a.workflows[id]}`);
    }),
    button("Fork…", () => fork(id, null)),
    !active && button("Delete…", async () => {
      const data = await ask("Delete this workflow?", `All that is recorded of ${id} goes.`, "Delete it",
        tick("children", "with its children"));
      if (data) {
        const found = await attempt("workflows/delete", { ids: [id], children: data.has("children") }, (a) => `${a.deleted} deleted`);
        if (found) location.hash = "#/workflows";
      }
    }, "danger"),
  ];
}

async function fork(id, step) {
  const from = step === null
    ? h("fieldset", {}, h("legend", {}, "From"),
        [["", "the beginning"], ["failure", "its last failed step"], ["step", "its last step"]].map(([key, said], i) =>
          h("label", { class: "tick" }, h("input", { type: "radio", name: "from_last", value: key, checked: i === 0 }), " ", said)))
    : null;
  const data = await ask(step === null ? "Fork this workflow?" : `Fork from step ${step}?`,
    `A new workflow begins with what ${id} had recorded before. ${id} stays as it is.`, "Fork it", from);
  if (!data) return;
  const found = await attempt("workflows/fork", { id, from_step: step, from_last: data.get("from_last") || null },
    (answer) => `forked: ${answer.workflow_id}`);
  if (found) location.hash = link("workflow", { id: found.workflow_id });
}

// ----------------------------------------------------------------------------------------- steps

function timeline(w, steps, next) {
  if (!steps.length) return h("p", { class: "empty" }, "No step is recorded.");
  const ms = (iso) => new Date(iso).getTime();
  const active = ACTIVE.has(w.status);
  const ends = steps.flatMap((s) => [s.started_at, s.completed_at]).filter(Boolean).map(ms);
  const begin = Math.min(...ends, ...(w.started_at ? [ms(w.started_at)] : []));
  const end = Math.max(...ends, ...(w.completed_at ? [ms(w.completed_at)] : []), active ? now().getTime() : 0, begin + 1);
  const place = (moment) => ((moment - begin) / (end - begin)) * 100;
  return [
    h("p", { class: "scale", "data-key": "scale" }, h("span", {}, at(new Date(begin).toISOString())), h("span", {}, `+ ${span((end - begin) / 1000)}`)),
    h("ol", { class: "timeline", "data-key": "timeline" }, steps.map((s) => row(w, s, place, active ? now().getTime() : end))),
    next !== null && pages.many < MOST_PAGES && button("More steps", () => {
      pages.many += 1;
      settings.refresh();
    }),
  ];
}

function row(w, s, place, until) {
  const done = s.completed_at ? new Date(s.completed_at).getTime() : until;
  const from = s.started_at ? new Date(s.started_at).getTime() : done;
  const state = s.error ? "ERROR" : s.completed_at ? "SUCCESS" : "PENDING";
  const seconds = s.started_at ? span((done - from) / 1000) : "";
  const left = Math.min(place(from), 99.5);
  return h(
    "li",
    { "data-key": s.step },
    h("details", {},
      h("summary", {},
        h("span", { class: "step" }, s.step),
        h("span", { class: "step-name" }, s.name, s.attempts > 1 && h("span", { class: "note" }, ` ${s.attempts} attempts`)),
        h("span", { class: "track", "aria-hidden": "true" },
          h("span", { class: `bar ${state}`, style: { left: `${left.toFixed(2)}%`, width: `${Math.max(place(done) - left, 0.5).toFixed(2)}%` } })),
        h("span", { class: "number" }, s.completed_at ? seconds : s.waits_for ? `waits: ${s.waits_for}` : "under way")),
      h("div", { class: "inside" },
        facts([
          ["started", at(s.started_at)],
          ["completed", at(s.completed_at)],
          ["attempts", count(s.attempts)],
          [s.waits_for === "moment" ? "sleeps until" : "next attempt", at(s.retry_at)],
          ["child", s.child_id && workflowLink(s.child_id)],
        ]),
        s.error ? error(s.error) : s.completed_at && h("div", {}, h("h3", {}, "Output"), value(s.output)),
        s.errors.map((each) => error(each)),
        !settings.readOnly && h("div", { class: "acts" }, button(`Fork from step ${s.step}…`, () => fork(w.workflow_id, s.step))))),
  );
}

// ------------------------------------------------------------------------------------------ tree

function tree(nodes) {
  return h("ul", { class: "tree" }, nodes.map((node) =>
    h("li", { "data-key": node.workflow_id, style: { marginInlineStart: `${Math.min(node.depth, 12) * 1.2}rem` } },
      node.depth === 0 ? h("strong", {}, node.workflow_id) : workflowLink(node.workflow_id),
      h("span", { class: "note" }, ` ${node.workflow}${node.parent_step === null ? "" : ` · step ${node.parent_step}`} `),
      pill(node.status),
      node.more && h("span", { class: "note" }, " and more children"))));
}
