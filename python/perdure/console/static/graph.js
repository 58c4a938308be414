// The graph of steps: which came after which. What ran at the same time stands below each other.

import { h } from "./dom.js";
import { link } from "./format.js";

const WIDE = 150, HIGH = 34, GAP_X = 36, GAP_Y = 12;
const MOST = 200; // steps: a longer graph is not read
const LETTERS = 18;

/** The graph of steps in the order of the database; each may name a child. */
export function graph(steps) {
  const shown = steps.slice(0, MOST).map((step) => ({ step, ...span(step) }));
  const columns = place(shown);
  const height = Math.max(...columns.map((column) => column.length));
  const x = (node) => node.column * (WIDE + GAP_X) + 2;
  const y = (node) => node.row * (HIGH + GAP_Y) + 2;
  const lines = columns.slice(1).flatMap((column, i) => edges(columns[i], column, x, y));
  const width = columns.length * (WIDE + GAP_X) - GAP_X + 4, tall = height * (HIGH + GAP_Y) - GAP_Y + 4;
  return h("div", { class: "graph", tabindex: "0", role: "group", "aria-label": "Graph of the steps" },
    h("svg", { width, height: tall, viewBox: `0 0 ${width} ${tall}` }, lines, shown.map((node) => box(node, x(node), y(node)))),
    steps.length > MOST && h("p", { class: "note" }, `The first ${MOST} steps.`));
}

function span({ started_at, completed_at }) {
  const to = completed_at ? Date.parse(completed_at) : Infinity;
  return { from: started_at ? Date.parse(started_at) : to, to };
}

/** From each of the nodes before to each of these; where both are many, through one point. */
function edges(before, after, x, y) {
  const ends = (node) => [x(node) + WIDE, y(node) + HIGH / 2];
  const begins = (node) => [x(node), y(node) + HIGH / 2];
  const line = (from, to) => {
    const middle = (from[0] + to[0]) / 2;
    return h("path", { class: "edge", d: `M${from} C${middle},${from[1]} ${middle},${to[1]} ${to}` });
  };
  if (before.length === 1 || after.length === 1)
    return before.flatMap((one) => after.map((other) => line(ends(one), begins(other))));
  const joint = [x(after[0]) - GAP_X / 2, HIGH / 2 + 2];
  return [...before.map((one) => line(ends(one), joint)), ...after.map((other) => line(joint, begins(other)))];
}

/** Gives each node a column and a row. Returns the columns. */
function place(nodes) {
  const columns = [];
  let column = [], ends = Infinity;
  for (const node of nodes) {
    // A new column begins when one of the last has ended before this step began.
    if (column.length && node.from >= ends) {
      columns.push(column);
      column = [];
      ends = Infinity;
    }
    node.column = columns.length;
    node.row = column.length;
    column.push(node);
    ends = Math.min(ends, node.to);
  }
  if (column.length) columns.push(column);
  return columns;
}

function box({ step }, x, y) {
  const state = step.error ? "ERROR" : step.completed_at ? "SUCCESS" : "PENDING";
  const name = step.name.length > LETTERS ? `${step.name.slice(0, LETTERS - 1)}…` : step.name;
  const drawn = [
    h("title", {}, `${step.step} ${step.name}`),
    h("rect", { x, y, width: WIDE, height: HIGH, rx: 5, class: `node ${state}` }),
    h("text", { x: x + 8, y: y + HIGH / 2 + 4 }, `${step.step} ${name}${step.child_id ? " ↗" : ""}`),
  ];
  return step.child_id
    ? h("svg:a", { href: link("workflow", { id: step.child_id }), "data-key": step.step }, drawn)
    : h("g", { "data-key": step.step }, drawn);
}
