// Schedules: what the clock starts.

import { h } from "./dom.js";
import { look } from "./api.js";
import { link } from "./format.js";
import { ask, at, attempt, button, settings, table } from "./parts.js";

export const title = () => "Schedules";
export const every = 5000;
export const load = () => look("schedules");

export function draw({ schedules }) {
  const columns = [
    ["Schedule", (s) => [h("a", { href: link("workflows", { schedule: s.name }) }, s.name), s.paused && h("span", { class: "pill CANCELLED" }, "paused")], "id"],
    ["Workflow", (s) => s.workflow],
    ["Line", (s) => h("code", {}, s.cron)],
    ["Zone", (s) => s.zone],
    ["Queue", (s) => s.queue],
    ["Next", (s) => at(s.next_at)],
    ["Last", (s) => at(s.last_at)],
  ];
  if (!settings.readOnly) columns.push(["", acts, "acts"]);
  return [
    h("h1", {}, "Schedules"),
    h("div", { class: "wide" }, table("Schedules", schedules, columns, (s) => s.name, "There is no schedule.")),
  ];
}

function acts(s) {
  const name = s.name;
  return [
    s.paused
      ? button("Resume", () => attempt("schedules/resume", { name }, `${name} goes on`))
      : button("Pause…", async () => {
          if (await ask(`Pause ${name}?`, "It starts nothing until it is resumed; ticks in between are not made up for.", "Pause it"))
            await attempt("schedules/pause", { name }, `${name} is paused`);
        }),
    " ",
    button("Trigger…", async () => {
      if (!(await ask(`Start ${s.workflow} now?`, `As a tick of ${name} would.`, "Start it"))) return;
      const found = await attempt("schedules/trigger", { name }, (answer) => `started: ${answer.workflow_id}`);
      if (found) location.hash = link("workflow", { id: found.workflow_id });
    }),
  ];
}
