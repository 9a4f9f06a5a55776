// The parts that a view is made of.

import { digits, fill, format } from "./words.js";

/**
 * An element: h("div", { class: "cl-map", onclick }, child, "text"). Attributes that are null or false are left out.
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/**
 * An element of a drawing.
 * @returns {any}
 */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Give an element this text, touching the page only where it differs. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Give an element this attribute, touching the page only where it differs. */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** Give an element this style, touching the page only where it differs. */
export function setStyle(element, name, value) {
  if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
}

/** Give an element a side of its cells, in pixels, to the half. */
export function setCell(element, pixels) {
  setStyle(element, "--cell", `${Math.floor(pixels * 2) / 2}px`);
}

/** Show exactly these children; where nothing changed, leave the page alone. */
export function setChildren(element, children) {
  const old = element.childNodes;
  if (children.length === old.length && children.every((child, i) => child === old[i])) return;
  element.replaceChildren(...children);
}

/** Make an element hold what a fresh one does; where both are made alike, only the texts that differ are touched. */
export function patch(element, fresh) {
  const [old, now] = [[...element.childNodes], [...fresh.childNodes]];
  const unlike = (child, i) => child.nodeName !== now[i].nodeName || child.className !== now[i].className;
  if (old.length !== now.length || old.some(unlike)) return element.replaceChildren(...now);
  old.forEach((child, i) => {
    if (child.nodeType !== Node.TEXT_NODE) patch(child, now[i]);
    else if (child.data !== now[i].data) child.data = now[i].data;
  });
}

/**
 * Lay an element over a part of the one it stands in; all in fractions of it.
 * @param {{ top?: number, left?: number, height?: number, width?: number }} part
 */
export function lay(element, part) {
  for (const [name, value] of Object.entries(part)) element.style[name] = `${(100 * value).toFixed(3)}%`;
}

/** Classes as one text: those that are there. */
export function classes(...names) {
  return names.filter(Boolean).join(" ");
}

/** A row of choices. */
export function bar(label, ...parts) {
  return h("div", { class: "cl-bar", role: "group", "aria-label": label }, ...parts);
}

/** What is said to those who listen, whenever it changes. */
export function spoken() {
  return h("div", { class: "cl-unseen", "aria-live": "polite" });
}

/** A sign between pictures. */
export function sign(text) {
  return h("div", { class: "cl-sign", "aria-hidden": "true" }, text);
}

/**
 * A labelled <select> of [value, text] pairs; `set` shows a value without telling anyone, `offer` gives other options.
 */
export function select(label, options, onchange) {
  const menu = h("select", { onchange: () => onchange(menu.value) });
  const offer = (wanted) => {
    if (menu.length === wanted.length) return;
    menu.replaceChildren(...wanted.map(([value, text]) => h("option", { value }, text)));
  };
  offer(options);
  const element = h("label", { class: "cl-choice" }, h("span", {}, label), menu);
  return { element, offer, set: (value) => menu.value === String(value) || (menu.value = value) };
}

/** A labelled check box. */
export function checkbox(label, onchange) {
  const box = h("input", { type: "checkbox", onchange: () => onchange(box.checked) });
  return { element: h("label", { class: "cl-check" }, box, h("span", {}, label)), box,
    set: (on) => (box.checked = on) };
}

/** A button; its content is text, or an icon that its label names. */
export function button(label, content, onclick) {
  return h("button", { type: "button", class: "cl-button", "aria-label": label, title: label, onclick }, content);
}

const ICONS = {
  start: "M4 4h3v16H4zM19 4v16L9 12z",
  back: "M16 3l2 2-7 7 7 7-2 2-9-9z",
  play: "M7 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  forward: "M8 3l-2 2 7 7-7 7 2 2 9-9z",
  end: "M5 4v16l10-8zM17 4h3v16h-3z",
  dice: "M4 4h16v16H4zM6 6v12h12V6zM8 8h3v3H8zM13 13h3v3h-3z",
};

/** A small picture for a button, in the colour of its text. */
export function icon(name) {
  const path = svg("path", { d: ICONS[name], "fill-rule": "evenodd" });
  return svg("svg", { viewBox: "0 0 24 24", class: "cl-icon", "aria-hidden": "true" }, path);
}

/** A field for one number. It has no `inputmode`: the decimal pad of some phones lacks the minus. */
export function numberField(attributes) {
  return h("input", { autocomplete: "off", ...attributes });
}

/** A field for whole numbers from lowest to highest; anything else is told to `refuse` and taken back by it. */
export function wholeField(label, [lowest, highest], take, refuse) {
  const read = () => {
    const value = Number(field.value);
    const good = field.value.trim() && Number.isInteger(value) && value >= lowest && value <= highest;
    return good ? take(value) : refuse(field);
  };
  const field = h("input", {
    type: "number", class: "cl-entry", min: lowest, max: highest, step: 1, "aria-label": label, onchange: read,
    onkeydown: (event) => event.stopPropagation(), // JupyterLab's own keys stay out of a field
  });
  return field;
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
export const ENDS = { ...STEPS, Home: [0, -Infinity], End: [0, Infinity] };

/**
 * The step that a key asks for, kept from JupyterLab, which has keys of its own on the cell around; null: no such key.
 */
export function stepOf(event, steps = STEPS) {
  if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return null;
  event.preventDefault();
  event.stopPropagation();
  return steps[event.key];
}

/**
 * The formula of one axis with its symbols, the live numbers under them, before and after the floor.
 * As in the lecture note where there is no dilation: O = ⌊(I − K + 2P) / S + 1⌋.
 */
export function formula(letter, a, symbols = { dilation: false }) {
  const sub = (name) => [name, h("sub", {}, letter)];
  const term = (name, number) => h("span", { class: "cl-term" }, h("i", {}, ...sub(name)), h("b", {}, number));
  const op = (text) => h("span", { class: "cl-op" }, text);
  const kernel = a.dilation === 1 && !symbols.dilation
    ? [term("K", a.kernel)]
    : [op("("), term("D", a.dilation), op("·("), term("K", a.kernel), op("− 1) + 1)")];
  const output = format(Math.floor(a.before));
  return h(
    "div", { class: "cl-formula" },
    term("O", output), op("= ⌊("), term("I", a.input), op("−"), ...kernel, op("+ 2·"), term("P", a.padding),
    op(") /"), term("S", a.stride), op("+ 1⌋"),
    op("= ⌊"), h("b", { class: "cl-before" }, digits(a.before)), op("⌋"), op("="),
      h("b", { class: "cl-after" }, output),
  );
}

/** A line of code with a button that copies it. */
export function codeLine(words, label, ...more) {
  const code = h("code", { tabindex: 0, "aria-label": label });
  const note = h("span", { class: "cl-note", role: "status" });
  const copy = button(words.copy, words.copy, async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // No clipboard here (a page that is not served securely): mark the line, so that Ctrl+C takes it.
      getSelection().selectAllChildren(code);
      return;
    }
    setText(note, words.copied);
  });
  const element = h("div", { class: "cl-code" }, code, copy, note, ...more);
  return { element, set: (text) => (setText(code, text), setText(note, "")) };
}

/** The rows of a table; heads are texts or cells. */
export function fillTable(table, caption, heads, rows) {
  const cell = (tag, attributes, one) => (one instanceof Node ? one : h(tag, attributes, one));
  table.replaceChildren(
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, ...heads.map((one) => cell("th", { scope: "col" }, one)))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((one) => cell("td", {}, one))))),
  );
}

/** The last few settings, to be compared; the first `keys` columns tell one setting from another. */
export class Trace {
  constructor(caption, heads, keys, most) {
    this.rows = [];
    this.fill = () => fillTable(this.element, caption, heads, this.rows);
    this.keys = keys;
    this.most = most;
    this.element = h("table", { class: "cl-trace" });
  }

  add(row) {
    if (String(this.rows[0]) === String(row)) return;
    const key = (one) => String(one.slice(0, this.keys));
    this.rows = [row, ...this.rows.filter((one) => key(one) !== key(row))].slice(0, this.most);
    this.fill();
  }
}

/** What a page without a kernel remembers under this name, in the browser: { keep(value), recall(), forget() }. */
export function memory(name) {
  const key = `convolution-course/${name}`;
  const attempt = (action) => {
    try {
      return action();
    } catch {
      return null; // no storage here: a sandboxed frame, cookies refused
    }
  };
  return {
    keep: (value) => void attempt(() => localStorage.setItem(key, JSON.stringify(value))),
    recall: () => attempt(() => JSON.parse(localStorage.getItem(key))),
    forget: () => void attempt(() => localStorage.removeItem(key)),
  };
}

/** Tell a field's reader what is wrong with what stands in it; "": nothing. Returns whether all is well. */
export function complainAt(field, sentence, values) {
  field.setCustomValidity(sentence ? fill(sentence, values) : "");
  return field.reportValidity();
}
