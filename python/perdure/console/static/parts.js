// What several views are made of.

import { h } from "./dom.js";
import { link, statusWord, time } from "./format.js";
import { act } from "./api.js";

export const settings = { readOnly: false, refresh: async () => {} };

export const pill = (status) => h("span", { class: `pill ${status}`, title: status }, statusWord(status));

export const at = (iso) => (iso ? h("time", { datetime: iso, title: iso }, time(iso)) : "");

export const workflowLink = (id, said) => h("a", { href: link("workflow", { id }) }, said || id);

/**
 * A table; on a narrow screen each row is a card. `columns` are [heading, cell of a row, class],
 * `key` tells rows apart.
 */
export function table(caption, rows, columns, key, empty) {
  if (!rows.length) return h("p", { class: "empty" }, empty);
  return h(
    "table",
    {},
    h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, columns.map(([heading, , kind]) => h("th", { scope: "col", class: kind }, heading)))),
    h(
      "tbody",
      {},
      rows.map((row) =>
        h(
          "tr",
          { "data-key": key(row) },
          columns.map(([heading, cell, kind]) =>
            h("td", { class: kind, "data-heading": typeof heading === "string" ? heading : null }, cell(row)),
          ),
        ),
      ),
    ),
  );
}

/** A stored value: {text, length}. */
export function value(found) {
  if (!found) return h("span", { class: "none" }, "none");
  const cut = found.length > found.text.length;
  return h("div", { class: "value" }, h("pre", { tabindex: "0" }, found.text), cut && h("p", { class: "note" },
    `${found.length} characters, of which these are the first.`));
}

export function error(found) {
  return h(
    "div",
    { class: "error" },
    h("p", {}, h("strong", {}, found.name), found.message ? `: ${found.message}` : ""),
    found.data && h("details", {}, h("summary", {}, "what is recorded of it"), value(found.data)),
  );
}

export function facts(pairs) {
  return h(
    "dl",
    { class: "facts" },
    pairs
      .filter(([, shown]) => shown !== null && shown !== undefined && shown !== "" && shown !== false)
      .map(([name, shown]) => h("div", { "data-key": name }, h("dt", {}, name), h("dd", {}, shown))),
  );
}

export const button = (said, onclick, kind) => h("button", { type: "button", class: kind, onclick }, said);

let silence;

/** Tells what came of an act. */
export function say(text, bad) {
  const place = document.getElementById("said");
  place.replaceChildren(h("p", { class: bad ? "bad" : "" }, text));
  clearTimeout(silence);
  silence = setTimeout(() => place.replaceChildren(), bad ? 12000 : 5000);
}

/** Makes a call, says what came of it, and looks again. Returns the answer, or null. */
export async function attempt(path, body, said) {
  try {
    const found = await act(path, body);
    say(typeof said === "function" ? said(found) : said);
    await settings.refresh();
    return found;
  } catch (refused) {
    say(refused.message, true);
    return null;
  }
}

/**
 * Asks before something is done. `inputs` are elements with names that stand between the text and the buttons.
 * Returns the form's data, or null.
 */
export function ask(question, text, verb, inputs) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { "aria-labelledby": "question" },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "question" }, question),
        text && h("p", {}, text),
        inputs,
        h("div", { class: "acts" },
          // No submit button: Enter in a field is the other one's.
          button("Back", () => dialog.close("no")),
          h("button", { type: "submit", value: "yes", class: "main" }, verb)),
      ),
    );
    dialog.addEventListener("close", () => {
      const data = dialog.returnValue === "yes" ? new FormData(dialog.querySelector("form")) : null;
      dialog.remove();
      resolve(data);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export const tick = (name, said, checked) =>
  h("label", { class: "tick" }, h("input", { type: "checkbox", name, checked }), " ", said);

/** A plot: `series` are [class, numbers] of equal length over a common scale from 0. */
export function plot(said, series, most) {
  const width = 240, height = 48;
  const top = Math.max(1, ...series.flatMap(([, numbers]) => numbers));
  const points = (numbers) =>
    numbers
      .map((n, i) => `${(width - ((numbers.length - 1 - i) * width) / (most - 1)).toFixed(1)},${(height - 2 - (n / top) * (height - 4)).toFixed(1)}`)
      .join(" ");
  return h(
    "svg",
    { class: "plot", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img" },
    h("title", {}, said),
    h("line", { x1: 0, x2: width, y1: height - 1, y2: height - 1, class: "axis" }),
    series.map(([kind, numbers]) => h("polyline", { points: points(numbers), class: kind, "vector-effect": "non-scaling-stroke" })),
  );
}
