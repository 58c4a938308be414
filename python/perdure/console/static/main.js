// The frame: which view is shown, and when it looks again.

import { h, renew } from "./dom.js";
import { look } from "./api.js";
import { settings } from "./parts.js";
import * as workflows from "./workflows.js";
import * as workflow from "./workflow.js";
import * as queues from "./queues.js";
import * as schedules from "./schedules.js";
import * as workers from "./workers.js";
import * as health from "./health.js";

// A view has `title`, `every` (milliseconds between looks), `load(query)` and `draw(data, query)`.
const VIEWS = { workflows, workflow, queues, schedules, workers, health };
const NAMED = ["workflows", "queues", "schedules", "workers", "health"];

const place = document.getElementById("view");
const trouble = document.getElementById("trouble");
const live = document.getElementById("live");

let shown = null; // {name, text, query}
let number = 0; // of the last look: a late answer to an earlier one is dropped
let timer = null;
let failures = 0;

function asked() {
  const [path, text = ""] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const name = Object.hasOwn(VIEWS, path) ? path : "workflows";
  return { name, text, query: new URLSearchParams(text) };
}

async function go() {
  const before = shown;
  shown = asked();
  for (const each of document.querySelectorAll("nav a")) {
    const current = each.dataset.view === (shown.name === "workflow" ? "workflows" : shown.name);
    if (current) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  const view = VIEWS[shown.name];
  document.title = `${view.title(shown.query)} · Perdure`;
  const another = before?.name !== shown.name || (shown.name === "workflow" && before?.text !== shown.text);
  await refresh({ another });
  if (before && another) {
    scrollTo(0, 0);
    place.focus({ preventScroll: true });
  }
}

async function refresh({ another = false } = {}) {
  clearTimeout(timer);
  const mine = ++number;
  const { name, query } = shown;
  const view = VIEWS[name];
  try {
    const data = await view.load(query);
    if (mine !== number) return;
    failures = 0;
    trouble.hidden = true;
    const fresh = h("div", {}, view.draw(data, query));
    if (another || place.dataset.view !== name) place.replaceChildren(...fresh.childNodes);
    else renew(place, fresh);
    place.dataset.view = name;
  } catch (error) {
    if (mine !== number) return;
    if (error.status === 401) return location.reload();
    failures += 1;
    trouble.textContent = error.message;
    trouble.hidden = false;
    if (another) place.replaceChildren();
    if (error.status === undefined) throw error; // a mistake of these pages: the browser's console tells of it
  } finally {
    if (mine === number) plan(view.every);
  }
}

function plan(every) {
  clearTimeout(timer);
  if (live.checked && !document.hidden)
    timer = setTimeout(refresh, Math.min(every * 2 ** Math.min(failures, 4), 60000));
}

async function start() {
  document.querySelector("nav").replaceChildren(
    ...NAMED.map((name) => h("a", { href: `#/${name}`, "data-view": name }, VIEWS[name].title(new URLSearchParams()))),
  );
  settings.refresh = refresh;
  try {
    const info = await look("info");
    settings.readOnly = info.read_only;
    document.getElementById("about").textContent =
      (info.schema === "perdure" ? "" : `schema ${info.schema} · `) + (info.read_only ? "only shows" : "");
  } catch {
    // The first view says what is wrong.
  }
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // what follows # is the view
    place.focus();
  });
  addEventListener("hashchange", go);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
  live.addEventListener("change", () => (live.checked ? refresh() : clearTimeout(timer)));
  await go();
}

start();
