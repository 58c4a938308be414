// Workers and versions.

import { h } from "./dom.js";
import { look } from "./api.js";
import { count, link } from "./format.js";
import { at, table } from "./parts.js";

export const title = () => "Workers";
export const every = 3000;
export const load = () => look("workers");

export function draw({ executors, versions }) {
  const of = (status) => (v) => link("workflows", { app_version: v.app_version, application: v.application, status });
  return [
    h("h1", {}, "Workers"),
    h("div", { class: "wide", "data-key": "executors" }, table("Workers", executors, [
      ["Worker", (e) => h("a", { href: link("workflows", { executor: e.name }) }, e.name), "id"],
      ["State", (e) => h("span", { class: `pill ${e.alive ? "SUCCESS" : "ERROR"}` }, e.alive ? "alive" : "lease lapsed")],
      ["Runs", (e) => count(e.running), "number"],
      ["Version", (e) => e.app_version && [e.app_version, e.latest ? " (latest)" : ""]],
      ["Since", (e) => at(e.registered_at)],
      ["Lease until", (e) => at(e.lease_until)],
    ], (e) => e.executor_id, "No worker is registered. Start one: perdure worker MODULE:APP")),
    h("h2", { "data-key": "title" }, "Versions"),
    h("div", { class: "wide", "data-key": "versions" }, table("Versions", versions, [
      ["Version", (v) => [v.app_version, v.latest && h("span", { class: "pill SUCCESS" }, "latest")], "id"],
      ["Application", (v) => v.application],
      ["Workers", (v) => count(v.executors), "number"],
      ["Running", (v) => h("a", { href: of("PENDING")(v) }, count(v.running)), "number"],
      ["Waiting", (v) => h("a", { href: of("ENQUEUED")(v) }, count(v.waiting)), "number"],
      ["Registered", (v) => at(v.registered_at) || "nobody has"],
    ], (v) => `${v.application || ""} ${v.app_version}`, "No version is known: work goes to every worker.")),
  ];
}
