// The list: filters and page are in the address.

import { h } from "./dom.js";
import { look, now } from "./api.js";
import { ACTIVE, STATUSES, between, link, span, statusWord } from "./format.js";
import { ask, at, attempt, button, pill, settings, table, tick, workflowLink } from "./parts.js";

export const title = () => "Workflows";
export const every = 2500;

export const load = (query) => look("workflows", query);

const chosen = new Set(); // ids of ticked rows

// [name, label, more about it]
const TEXTS = [
  ["name", "Name"],
  ["queue", "Queue"],
  ["id_prefix", "Id begins with"],
];
const MORE_TEXTS = [
  ["workflow_ids", "Id"],
  ["user", "User"],
  ["app_version", "Version"],
  ["application", "Application"],
  ["executor", "Worker"],
  ["parent", "Child of"],
  ["forked_from", "Fork of"],
  ["schedule", "Schedule"],
  ["attributes", "Attributes (JSON)"],
];
const TIMES = [
  ["created_from", "Created from"],
  ["created_until", "Created before"],
  ["completed_from", "Ended from"],
  ["completed_until", "Ended before"],
];
const FLAGS = [
  ["has_parent", "Children", "children", "no children"],
  ["is_fork", "Forks", "forks", "no forks"],
  ["was_forked", "Forked", "with forks", "without forks"],
];
const MORE = [...MORE_TEXTS, ...TIMES, ...FLAGS].map(([name]) => name).concat("order");

export function draw({ workflows, next }, query) {
  const seen = new Set(workflows.map((each) => each.workflow_id));
  for (const id of chosen) if (!seen.has(id)) chosen.delete(id);
  const columns = [
    ["Workflow id", (w) => workflowLink(w.workflow_id), "id"],
    ["Name", (w) => h("a", { href: link("workflows", { name: w.workflow }) }, w.workflow)],
    ["Status", (w) => pill(w.status)],
    ["Queue", (w) => w.queue && h("a", { href: link("workflows", { queue: w.queue }) }, w.queue)],
    ["Created", (w) => at(w.created_at)],
    ["Took", (w) => took(w), "number"],
  ];
  if (!settings.readOnly)
    columns.unshift(["", (w) => chooser(w.workflow_id), "choose"]);
  return [
    h("h1", {}, "Workflows"),
    // Drawn anew when the address changes, so that it shows what is asked for.
    h("form", { class: "filters", "data-key": `filters ${query}`, "data-keep": true, onsubmit: submit }, filters(query)),
    !settings.readOnly && h("div", { class: "acts", "data-key": "acts" }, acts()),
    h("div", { class: "wide", "data-key": "list" },
      table("Workflows", workflows, columns, (w) => w.workflow_id, "No workflow passes these filters.")),
    h("nav", { class: "pages", "aria-label": "Pages", "data-key": "pages" },
      query.has("after") && h("a", { href: page(query, null) }, query.get("order") === "oldest" ? "⇤ oldest" : "⇤ newest"),
      next && h("a", { href: page(query, next), rel: "next" }, query.get("order") === "oldest" ? "newer →" : "older →")),
  ];
}

function took(w) {
  if (!w.started_at) return "";
  const ended = w.completed_at || (ACTIVE.has(w.status) ? now().toISOString() : null);
  return span(between(w.started_at, ended));
}

function page(query, after) {
  const there = new URLSearchParams(query);
  if (after === null) there.delete("after");
  else there.set("after", after);
  return `#/workflows?${there}`;
}

// --------------------------------------------------------------------------------------- filters

function filters(query) {
  const text = ([name, label]) =>
    h("label", {}, label, h("input", { name, value: query.getAll(name).join(", "), autocomplete: "off", spellcheck: "false" }));
  return [
    h("fieldset", { class: "statuses" }, h("legend", {}, "Status"),
      STATUSES.map((status) =>
        h("label", { class: "choice" },
          h("input", { type: "checkbox", name: "status", value: status, checked: query.getAll("status").includes(status) }),
          " ", statusWord(status)))),
    TEXTS.map(text),
    h("details", { open: MORE.some((name) => query.has(name)) },
      h("summary", {}, "More filters"),
      h("div", { class: "more" },
        MORE_TEXTS.map(text),
        TIMES.map(([name, label]) =>
          h("label", {}, label, h("input", { type: "datetime-local", name, step: "1", value: local(query.get(name)) }))),
        FLAGS.map(([name, label, yes, no]) =>
          h("label", {}, label, choose(name, query.get(name), [["", "all"], ["true", yes], ["false", no]]))),
        h("label", {}, "Order", choose("order", query.get("order"), [["", "newest first"], ["oldest", "oldest first"]])))),
    h("div", { class: "acts" },
      h("button", { type: "submit", class: "main" }, "Show"),
      query.size > 0 && h("a", { href: "#/workflows" }, "all workflows")),
  ];
}

function choose(name, value, options) {
  return h("select", { name },
    options.map(([key, said]) => h("option", { value: key, selected: (value || "") === key }, said)));
}

function submit(event) {
  event.preventDefault();
  const there = new URLSearchParams();
  const times = new Set(TIMES.map(([name]) => name));
  for (const [name, given] of new FormData(event.target)) {
    const text = given.trim();
    if (!text) continue;
    if (times.has(name)) there.append(name, new Date(text).toISOString());
    else there.append(name, text);
  }
  location.hash = `#/workflows?${there}`;
}

/** ISO text as the field for a local time takes it. */
function local(iso) {
  if (!iso) return "";
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}

// ------------------------------------------------------------------------------------------ acts

function chooser(id) {
  return h("input", {
    type: "checkbox",
    "aria-label": `choose ${id}`,
    checked: chosen.has(id),
    onchange: (event) => {
      if (event.target.checked) chosen.add(id);
      else chosen.delete(id);
      document.querySelector('[data-key="acts"]')?.replaceChildren(...acts());
    },
  });
}

function acts() {
  const many = chosen.size;
  if (!many) return [];
  const some = many === 1 ? "1 workflow" : `${many} workflows`;
  return [
    h("span", {}, `${some} chosen:`),
    button("Cancel…", () => actOn("cancel", `Cancel ${some}?`, "Cancel them", "Those that have ended stay as they are.")),
    button("Resume…", () => actOn("resume", `Resume ${some}?`, "Resume them", "Those that are cancelled, dead letters or delayed go on.")),
    button("Delete…", () => actOn("delete", `Delete ${some}?`, "Delete them",
      "All that is recorded of them goes; nothing is deleted if one of them has not ended."), "danger"),
  ];
}

async function actOn(verb, question, confirm, text) {
  const data = await ask(question, text, confirm, tick("children", "with their children"));
  if (!data) return;
  const ids = [...chosen];
  const found = await attempt(`workflows/${verb}`, { ids, children: data.has("children") }, (answer) =>
    verb === "delete" ? `${answer.deleted} deleted` : summary(answer.workflows));
  if (found) {
    chosen.clear();
    await settings.refresh();
    for (const box of document.querySelectorAll("td.choose input")) box.checked = false;
  }
}

function summary(outcomes) {
  const counts = {};
  for (const outcome of Object.values(outcomes)) counts[outcome] = (counts[outcome] || 0) + 1;
  return Object.entries(counts).map(([outcome, many]) => `${many} ${outcome}`).join(", ");
}
