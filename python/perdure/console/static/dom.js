// Elements from data. Data becomes text or an attribute, never markup.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "rect", "path", "line", "title", "polyline", "g", "text", "svg:a"]);
const HANDLERS = Symbol("handlers");

/** An element: `h("p", {class: "note", onclick: f}, "text", other)`. null, false and undefined are left out. */
export function h(tag, properties, ...children) {
  const element = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag.replace("svg:", "")) : document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) listen(element, name.slice(2), value);
    else if (name === "style") Object.assign(element.style, value); // the policy allows no style attribute
    else if (name === "value") element.value = value;
    else if (name === "checked") element.checked = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : String(child));
  }
}

// Listeners are looked up when called, so that `renew` can replace them.
function listen(element, type, handler) {
  if (!element[HANDLERS]) element[HANDLERS] = {};
  if (!(type in element[HANDLERS])) element.addEventListener(type, (event) => element[HANDLERS][type]?.(event));
  element[HANDLERS][type] = handler;
}

/**
 * Makes the children of `old` those of `fresh`, changing as little as may be: focus, scrolling, selected text,
 * what is typed, and what is open stay. Children with a `data-key` are found again by it; what has `data-keep`
 * is left alone: a form is, whose fields hide what is named like them.
 */
export function renew(old, fresh) {
  const keyed = new Map();
  for (const child of old.children) if (child.dataset?.key !== undefined) keyed.set(child.dataset.key, child);
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = wanted.dataset?.key;
    let found = key === undefined ? place : keyed.get(key);
    if (found && !alike(found, wanted)) found = null;
    if (!found) {
      old.insertBefore(wanted, place);
      continue;
    }
    if (found !== place) old.insertBefore(found, place);
    else place = place.nextSibling;
    if (found.nodeType !== Node.ELEMENT_NODE) {
      if (found.data !== wanted.data) found.data = wanted.data;
      continue;
    }
    if (found.dataset?.keep !== undefined) continue;
    renewAttributes(found, wanted);
    renew(found, wanted);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function alike(one, other) {
  return one.nodeName === other.nodeName && one.dataset?.key === other.dataset?.key;
}

function renewAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (name !== "style" && !(name === "open" && old.nodeName === "DETAILS") && !fresh.hasAttribute(name))
      old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (name !== "style" && !(name === "open" && old.nodeName === "DETAILS") && old.getAttribute(name) !== value)
      old.setAttribute(name, value);
  }
  if (old.style && old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
  const handlers = fresh[HANDLERS] || {};
  for (const type of Object.keys(old[HANDLERS] || {})) if (!(type in handlers)) delete old[HANDLERS][type];
  for (const [type, handler] of Object.entries(handlers)) listen(old, type, handler);
}
