// What all views share: words, numbers, the mirror of geometry.py, conv.py and presets.py, and the parts a view is made of.
// Python joins this file in front of each view's own (explorers/base.py). Everything above the line "In the page" is pure.

// --- Words -----------------------------------------------------------------------------------------------------------------

const DIGIT_FINALS = [21, 8, 0, 16, 0, 0, 1, 8, 8, 0];
const LETTER_FINALS = { l: 8, m: 16, n: 4, r: 8 };

/** The number of the final consonant with which a text is read aloud in Korean; 0: it ends in a vowel. */
function finalConsonant(text) {
  const spoken = text.replace(/[`*'"’”)\]}]+$/, ""); // marks and closing brackets are not read
  if (spoken.endsWith("ng")) return 21; // padding, as 패딩
  const character = spoken.slice(-1);
  if (character >= "가" && character <= "힣") return (character.charCodeAt(0) - 0xac00) % 28;
  if (/[0-9]/.test(character)) return DIGIT_FINALS[Number(character)];
  return LETTER_FINALS[character.toLowerCase()] ?? 0;
}

/** The particle, 은 or 는, that a text asks for. */
function particle(before, afterConsonant, afterVowel) {
  const final = finalConsonant(before);
  return final === 0 || (final === 8 && afterVowel === "로") ? afterVowel : afterConsonant;
}

/** A sentence with its {fields} filled in and its own [은/는] and [row/rows] made to agree, as language.fill does it. */
export function fill(template, values = {}) {
  const put = (text) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const [first, ...rest] = template.split(/\[([가-힣]+|[a-z ]+)\/([가-힣]+|[a-z ]+)\]/); // text, form, form, text, …
  let filled = put(first);
  for (let i = 0; i < rest.length; i += 3) {
    const one = /(^|[^\d.,−-])1[`*]* ([a-z]+ )?$/.test(filled);
    const chosen = /[가-힣]/.test(rest[i]) ? particle(filled, rest[i], rest[i + 1]) : rest[one ? i : i + 1];
    filled += chosen + put(rest[i + 2]);
  }
  return filled;
}

// --- Numbers ---------------------------------------------------------------------------------------------------------------

/** A number as it is shown: whole numbers whole, others with at most three decimals, a true minus sign. */
export function format(number) {
  if (!Number.isFinite(number)) return String(number);
  const rounded = Math.round(Math.abs(number) * 1000) / 1000;
  if (rounded >= 1e7) return number.toExponential(2).replace("-", "−");
  return (number < 0 && rounded !== 0 ? "−" : "") + String(rounded);
}

/** How wide a text of digits stands, in em, bold as the window's are. */
export function breadth(text) {
  let em = 0;
  for (const letter of text) em += { ".": 0.4, "−": 0.85 }[letter] ?? 0.7;
  return em;
}

/** Whether `format` shows a number in full, but for the noise of floating point. */
export function isExact(number) {
  return Math.abs(number * 1000 - Math.round(number * 1000)) < 1e-6;
}

/** "=" where all numbers of an equation are shown in full, "≈" where one is rounded. */
export function equals(...numbers) {
  return numbers.every(isExact) ? "=" : "≈";
}

/** A number with all its decimals up to the third, and "…" where more follow. */
export function digits(number) {
  return isExact(number) ? format(number) : `${format(Math.trunc(number * 1000) / 1000)}…`;
}

/** What a learner typed, as a number; NaN where it is none. */
export function parse(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

// --- Geometry: the mirror of geometry.py, one axis at a time ---------------------------------------------------------------

export function effectiveKernel(kernel, dilation = 1) {
  return dilation * (kernel - 1) + 1;
}

/** Everything about one axis: sizes, the start of every window, the padded cells that no window reads. */
export function axis(input, kernel, stride = 1, padding = 0, dilation = 1) {
  const padded = input + 2 * padding;
  const effective = effectiveKernel(kernel, dilation);
  const before = (padded - effective) / stride + 1;
  const output = padded < effective ? 0 : Math.floor(before);
  const starts = Array.from({ length: output }, (_, i) => i * stride);
  const read = new Set(starts.flatMap((start) => Array.from({ length: kernel }, (_, k) => start + k * dilation)));
  const unreached = Array.from({ length: padded }, (_, i) => i).filter((i) => output > 0 && !read.has(i));
  const leftOver = output > 0 ? (padded - effective) % stride : 0;
  return { input, kernel, stride, padding, dilation, padded, effective, before, output, starts, unreached, leftOver };
}

// --- Convolution: the mirror of conv.py ------------------------------------------------------------------------------------

/** Where index i of a padded axis comes from in the input: an index, or -1 for a zero. */
export function source(i, size, padding, mode) {
  const at = i - padding;
  if (at >= 0 && at < size) return at;
  if (mode === "replicate") return Math.min(Math.max(at, 0), size - 1);
  if (mode === "reflect") return at < 0 ? -at : 2 * (size - 1) - at;
  if (mode === "circular") return (at + size) % size;
  return -1;
}

export function pad(plane, [ph, pw], mode = "zeros") {
  const [h, w] = [plane.length, plane[0].length];
  return Array.from({ length: h + 2 * ph }, (_, r) =>
    Array.from({ length: w + 2 * pw }, (_, c) => {
      const [y, x] = [source(r, h, ph, mode), source(c, w, pw, mode)];
      return y < 0 || x < 0 ? 0 : plane[y][x];
    }),
  );
}

/** The kernel turned by 180°: what convolution in mathematics slides. */
export function flip(kernel) {
  return kernel.map((row) => [...row].reverse()).reverse();
}

/** One window's products on one plane: rows of { x, w, product, r, c }, r and c in the padded plane. */
export function products(plane, kernel, top, left, [dh, dw]) {
  return kernel.map((row, i) =>
    row.map((w, j) => {
      const [r, c] = [top + i * dh, left + j * dw];
      const x = plane[r][c];
      return { x, w, product: x * w, r, c };
    }),
  );
}

export function sum(numbers) {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

// --- Presets: the mirror of presets.py -------------------------------------------------------------------------------------

function random(seed, count, below) {
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state >>> 16) % below;
  });
}

function plane(h, w, rule) {
  return Array.from({ length: h }, (_, r) => Array.from({ length: w }, (_, c) => rule(r, c)));
}

function binomial(size) {
  let row = [1];
  for (let i = 1; i < size; i++) row = Array.from({ length: row.length + 1 }, (_, k) => (row[k - 1] ?? 0) + (row[k] ?? 0));
  return row;
}

export const KERNELS = {
  identity: (r, c, centre) => Number(centre),
  box_blur: (r, c, centre, h, w) => 1 / (h * w),
  gaussian_blur: (r, c, centre, h, w) => (binomial(h)[(r + h - 1) / 2] * binomial(w)[(c + w - 1) / 2]) / 2 ** (h + w - 2),
  vertical_edge: (r, c) => Math.sign(c),
  horizontal_edge: (r, c) => Math.sign(r),
  sharpen: (r, c, centre, h, w) => sharpen((r + h - 1) / 2, (c + w - 1) / 2, h, w),
  emboss: (r, c, centre) => Math.sign(r) + Math.sign(c) + Number(centre),
  ones: () => 1,
  random: null,
};

function sharpen(row, column, h, w) {
  const [y, x] = [(h - 1) >> 1, (w - 1) >> 1];
  const beside = [[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]].filter(([r, c]) => r >= 0 && r < h && c >= 0 && c < w);
  if (row === y && column === x) return 1 + beside.length;
  return beside.some(([r, c]) => r === row && c === column) ? -1 : 0;
}

/** A named kernel of h × w. */
export function kernel(name, [h, w], seed = 0) {
  if (name === "random") {
    const values = random(seed, h * w, 7);
    return plane(h, w, (r, c) => values[r * w + c] - 3);
  }
  const [y, x] = [(h - 1) >> 1, (w - 1) >> 1];
  return plane(h, w, (r, c) => KERNELS[name](2 * r - (h - 1), 2 * c - (w - 1), r === y && c === x, h, w));
}

const DIGIT = ["00111100", "01100110", "00000110", "00011100", "00000110", "01100110", "00111100", "00000000"];

export const INPUTS = {
  counting: (r, c, h, w, channel) => r * w + c + 1 + channel * h * w,
  step_edge: (r, c, h, w) => 9 * (c >= w >> 1),
  corner: (r, c, h, w) => 9 * (c >= w >> 1 && r >= h >> 1),
  cross: (r, c, h, w) => 9 * (c === w >> 1 || r === h >> 1),
  checkerboard: (r, c, h, w, channel) => 9 * ((r + c + channel) % 2),
  digit: (r, c, h, w) => 9 * Number(DIGIT[Math.floor((r * 8) / h)][Math.floor((c * 8) / w)]),
  random: null,
};

/** One channel of a named input of h × w. */
export function picture(name, [h, w], channel = 0, seed = 0) {
  if (name === "random") {
    const values = random(seed + 101 * channel, h * w, 10);
    return plane(h, w, (r, c) => values[r * w + c]);
  }
  return plane(h, w, (r, c) => INPUTS[name](r, c, h, w, channel));
}

// --- In the page -----------------------------------------------------------------------------------------------------------

/** An element: h("div", { class: "cl-map", onclick }, child, "text"). Attributes that are null or false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
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

/** Show exactly these children; where nothing changed, leave the page alone. */
export function setChildren(element, children) {
  if (children.length === element.childNodes.length && children.every((child, i) => child === element.childNodes[i])) return;
  element.replaceChildren(...children);
}

/** Make an element hold what a fresh one does; where both are made alike, only the texts that differ are touched. */
export function patch(element, fresh) {
  const [old, now] = [[...element.childNodes], [...fresh.childNodes]];
  if (old.length !== now.length || old.some((child, i) => child.nodeName !== now[i].nodeName || child.className !== now[i].className)) {
    element.replaceChildren(...now);
    return;
  }
  old.forEach((child, i) => {
    if (child.nodeType !== Node.TEXT_NODE) patch(child, now[i]);
    else if (child.data !== now[i].data) child.data = now[i].data;
  });
}

/**
 * Join a view to its model: call draw() now and once after every group of changes, before the next frame is painted; find the box
 * the view stands in, name its sliders' handles and let `hidden(trait)` hide those that do not apply.
 */
export function mount({ model, el, signal }, draw, hidden = () => false) {
  el.classList.add("cl-view");
  el.lang = model.get("lang");
  let pending = false;
  const redraw = () => {
    pending = false;
    if (signal?.aborted) return;
    dress();
    draw();
  };
  const schedule = () => {
    if (!pending) queueMicrotask(redraw);
    pending = true;
  };
  // The sliders of the box around, found once: they come to life some time after this returns, and get their classes later still.
  let box = null;
  let sliders = [];
  const find = () => {
    box = el.closest(".cl-explorer");
    sliders = box ? [...box.querySelectorAll(":scope > .cl-controls > [class*='cl-slider-']")].filter((one) => one.querySelector(".noUi-handle")) : [];
    for (const slider of sliders) {
      slider.trait = [...slider.classList].find((name) => name.startsWith("cl-slider-")).slice("cl-slider-".length);
      const label = slider.querySelector(".widget-label").textContent;
      slider.querySelector(".noUi-handle").setAttribute("aria-label", label);
      slider.readout = slider.querySelector(".widget-readout");
      slider.readout.setAttribute("role", "spinbutton");
      slider.readout.setAttribute("aria-label", label);
    }
    dress();
    if (el.isConnected && sliders.length >= model.get("slider_count")) arrived.disconnect();
  };
  const dress = () => {
    for (const one of [el, box]) one?.classList.toggle("cl-large", model.get("large"));
    if (box && box.lang !== el.lang) box.lang = el.lang;
    for (const slider of sliders) {
      slider.classList.toggle("cl-hidden", Boolean(hidden(slider.trait)));
      const value = String(model.get(slider.trait));
      if (slider.readout.ariaValueNow !== value) slider.readout.ariaValueNow = value;
    }
  };
  const arrived = new MutationObserver(find);
  model.on("change", schedule);
  signal?.addEventListener("abort", () => model.off("change", schedule));
  arrived.observe(document.body, { childList: true, subtree: true, attributeFilter: ["class"] });
  signal?.addEventListener("abort", () => arrived.disconnect());
  redraw();
  schedule();
  return schedule;
}

/** Set traits of the model as a person's choice, and let the kernel know. */
export function choose(model, changes) {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  model.save_changes();
}

/** A labelled <select> whose options are [value, text] pairs; `set` shows a value without telling anyone. */
export function select(label, options, onchange) {
  const menu = h("select", { onchange: () => onchange(menu.value) }, ...options.map(([value, text]) => h("option", { value }, text)));
  return { element: h("label", { class: "cl-choice" }, h("span", {}, label), menu), set: (value) => menu.value === value || (menu.value = value) };
}

/** A labelled check box. */
export function checkbox(label, onchange) {
  const box = h("input", { type: "checkbox", onchange: () => onchange(box.checked) });
  return { element: h("label", { class: "cl-check" }, box, h("span", {}, label)), set: (value) => (box.checked = value) };
}

/** A button; its content is text, or an icon that its label names. */
export function button(label, content, onclick) {
  return h("button", { type: "button", class: "cl-button", "aria-label": label, title: label, onclick }, content);
}

const ICONS = {
  start: "M4 4h3v16H4zM19 4v16L9 12z", back: "M16 3l2 2-7 7 7 7-2 2-9-9z", play: "M7 4v16l13-8z", pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  forward: "M8 3l-2 2 7 7-7 7 2 2 9-9z", end: "M5 4v16l10-8zM17 4h3v16h-3z", dice: "M4 4h16v16H4zM6 6v12h12V6zM8 8h3v3H8zM13 13h3v3h-3z",
};

/** A small picture for a button, in the colour of its text. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [key, value] of [["viewBox", "0 0 24 24"], ["class", "cl-icon"], ["aria-hidden", "true"]]) svg.setAttribute(key, value);
  path.setAttribute("d", ICONS[name]);
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}

/**
 * A plane of numbers: an ARIA grid with one Tab stop, walked with the arrow keys.
 *
 * `on.point({ r, c } | null)` follows the focus and the pointer, unless it is pressed: then it drags something; `on.press({ r, c }, event)`
 * is a click or Enter; `on.edit(r, c, number)`, if given, makes cells editable: a click, Enter, F2 or a typed digit opens a field;
 * `on.move(r, c)` is told where the arrow keys go and may return false to keep the focus where it is.
 */
export class Grid {
  constructor(words, kind, on = {}) {
    Object.assign(this, { words, on, rows: 0, columns: 0, cells: [], at: { r: 0, c: 0 } });
    this.body = h("div", { class: "cl-cells" });
    this.outline = h("div", { class: "cl-outline", "aria-hidden": "true", hidden: true });
    this.caption = h("div", { class: "cl-caption" });
    this.grid = h("div", { class: `cl-grid cl-${kind}`, role: "grid" }, this.body, this.outline);
    this.element = h("div", { class: "cl-panel" }, this.caption, this.grid);
    const cellOf = (event) => {
      const cell = event.target.closest?.("[data-r]");
      return cell && this.grid.contains(cell) ? { r: Number(cell.dataset.r), c: Number(cell.dataset.c) } : null;
    };
    this.grid.addEventListener("pointerover", (event) => event.buttons === 0 && on.point?.(cellOf(event)));
    this.grid.addEventListener("pointerleave", () => on.point?.(null));
    this.grid.addEventListener("focusin", (event) => {
      const cell = cellOf(event);
      if (!cell) return;
      this.rove(cell);
      if (event.target.matches(":focus-visible")) on.point?.(cell);
    });
    this.grid.addEventListener("focusout", () => on.point?.(null));
    this.grid.addEventListener("click", (event) => {
      const cell = cellOf(event);
      if (cell && !this.field?.contains(event.target)) this.press(cell, event);
    });
    this.grid.addEventListener("keydown", (event) => this.key(event));
  }

  press(cell, event) {
    if (this.on.press?.(cell, event) === false) return;
    if (this.on.edit) this.edit(cell);
  }

  key(event) {
    if (this.field || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    let { r, c } = this.at;
    const presses = event.key === "Enter" || event.key === "F2" || event.key === " ";
    const types = this.on.edit && /^[-−.0-9]$/.test(event.key);
    if (event.key in steps) [r, c] = [r + steps[event.key][0], c + steps[event.key][1]];
    else if (event.key === "Home") c = 0;
    else if (event.key === "End") c = this.columns - 1;
    else if (!presses && !types) return;
    // JupyterLab has keys of its own on the cell around.
    event.preventDefault();
    event.stopPropagation();
    if (presses) return this.press(this.at, event);
    if (types) return this.edit(this.at, event.key);
    if (r < 0 || c < 0 || r >= this.rows || c >= this.columns) return;
    if (this.on.move?.(r, c) !== false) this.focus({ r, c });
  }

  rove({ r, c }) {
    const old = this.cells[this.at.r]?.[this.at.c];
    if (old) old.tabIndex = -1;
    this.at = { r: Math.min(r, this.rows - 1), c: Math.min(c, this.columns - 1) };
    const cell = this.cells[this.at.r]?.[this.at.c];
    if (cell) cell.tabIndex = 0;
    return cell;
  }

  focus(cell) {
    this.rove(cell)?.focus({ preventScroll: false });
  }

  edit({ r, c }, text = null) {
    this.close();
    const cell = this.cells[r][c];
    const field = h("input", {
      class: "cl-field",
      inputmode: "decimal",
      autocomplete: "off",
      "aria-label": fill(this.words.edit_label, { row: r, column: c }),
    });
    field.value = text ?? cell.textContent;
    this.field = field;
    const commit = () => {
      const number = parse(field.value);
      if (Number.isFinite(number)) {
        this.close();
        this.on.edit(r, c, number);
        return true;
      }
      field.setAttribute("aria-invalid", "true");
      field.setCustomValidity(fill(this.words.edit_bad, { text: field.value }));
      field.reportValidity();
      return false;
    };
    field.addEventListener("input", () => {
      field.setCustomValidity("");
      field.removeAttribute("aria-invalid");
    });
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape" || (event.key === "Enter" && commit())) {
        this.close();
        this.focus({ r, c });
        event.preventDefault();
      } else if (event.key === "Tab" && commit()) {
        this.close();
        const next = c + (event.shiftKey ? -1 : 1);
        if (next >= 0 && next < this.columns) {
          event.preventDefault();
          this.focus({ r, c: next });
          this.edit({ r, c: next });
        } else this.focus({ r, c });
      }
    });
    field.addEventListener("blur", () => {
      if (this.field === field && !commit()) this.close();
    });
    cell.append(field);
    field.focus();
    if (text === null) field.select();
  }

  close() {
    const field = this.field;
    this.field = null;
    field?.remove();
  }

  /** Make the grid rows × columns, keeping the cells that it has; returns whether it was another size. */
  resize(rows, columns) {
    if (rows === this.rows && columns === this.columns) return false;
    this.close();
    const focused = this.grid.contains(document.activeElement);
    Object.assign(this, { rows, columns });
    while (this.cells.length > rows) {
      this.cells.pop();
      this.body.lastChild.remove();
    }
    while (this.cells.length < rows) {
      this.cells.push([]);
      this.body.append(h("div", { class: "cl-row", role: "row" }));
    }
    this.cells.forEach((cells, r) => {
      while (cells.length > columns) cells.pop().remove();
      while (cells.length < columns) {
        const cell = h("div", { class: "cl-cell", role: "gridcell", tabindex: -1, "data-r": r, "data-c": cells.length });
        this.body.children[r].append(cell);
        cells.push(cell);
      }
    });
    this.grid.style.setProperty("--columns", columns);
    this.grid.style.setProperty("--rows", rows);
    const cell = this.rove(this.at);
    if (focused) cell?.focus({ preventScroll: true });
    return true;
  }

  /**
   * Show values[r][c] (null: an empty cell), each with the classes that `mark(r, c)` returns, and a name of the whole. Cells are named by
   * `read(r, c, text)` when their text or classes change, and all of them when `stamp` does.
   */
  show(values, label, mark = () => "", read = null, stamp = "") {
    const afresh = this.resize(values.length, values[0]?.length ?? 0) || stamp !== this.stamp;
    this.stamp = stamp;
    if (this.grid.getAttribute("aria-label") !== label) this.grid.setAttribute("aria-label", label);
    let widest = 1;
    for (let r = 0; r < this.rows; r++) {
      for (let c = 0; c < this.columns; c++) {
        const cell = this.cells[r][c];
        let changed = afresh;
        if (cell.value !== values[r][c] || afresh) {
          cell.value = values[r][c];
          const text = cell.value === null ? "" : typeof cell.value === "string" ? cell.value : format(cell.value);
          if (cell.shown !== text) {
            if (this.field && cell.contains(this.field)) this.close();
            cell.textContent = cell.shown = text;
            cell.breadth = breadth(text);
            changed = true;
          }
        }
        widest = Math.max(widest, cell.breadth);
        const marks = mark(r, c);
        if (cell.marks !== marks) {
          cell.marks = marks;
          cell.className = marks ? `cl-cell ${marks}` : "cl-cell";
          changed = true;
        }
        if (changed) {
          const name = read?.(r, c, cell.shown) ?? fill(this.words.cell, { row: r, column: c, value: cell.shown || "–" });
          if (cell.named !== name) cell.setAttribute("aria-label", (cell.named = name));
        }
      }
    }
    const fit = Math.min(0.44, 0.88 / widest).toFixed(3);
    if (this.fit !== fit) this.grid.style.setProperty("--fit", (this.fit = fit));
  }

  /** Lay the outline of a window over rows top … top+height−1 and columns left … (fractions while it glides); null hides it. */
  frame(window) {
    this.outline.hidden = !window;
    if (!window) return;
    const { top, left, height, width } = window;
    this.outline.style.setProperty("--height", height);
    this.outline.style.setProperty("--width", width);
    this.outline.style.transform = `translate(calc(${left} * var(--cell)), calc(${top} * var(--cell)))`;
  }
}

/**
 * The formula of one axis with its symbols, the live numbers under them, before and after the floor.
 * As in the lecture note where there is no dilation: O = ⌊(I − K + 2P) / S + 1⌋.
 */
export function formula(letter, a, symbols = {}) {
  const term = (symbol, number) => h("span", { class: "cl-term" }, h("i", {}, symbol), h("b", {}, number));
  const sub = (name) => {
    const fragment = document.createDocumentFragment();
    fragment.append(name, h("sub", {}, letter));
    return fragment;
  };
  const op = (text) => h("span", { class: "cl-op" }, text);
  const kernel = a.dilation === 1 && !symbols.dilation
    ? [term(sub("K"), a.kernel)]
    : [op("("), term(sub("D"), a.dilation), op("·("), term(sub("K"), a.kernel), op("− 1) + 1)")];
  return h(
    "div", { class: "cl-formula" },
    term(sub("O"), format(Math.floor(a.before))), op("= ⌊("), term(sub("I"), a.input), op("−"), ...kernel, op("+ 2·"), term(sub("P"), a.padding),
    op(") /"), term(sub("S"), a.stride), op("+ 1⌋"),
    op("= ⌊"), h("b", { class: "cl-before" }, digits(a.before)), op("⌋"), op("="), h("b", { class: "cl-after" }, format(Math.floor(a.before))),
  );
}

/** A line of code with a button that copies it. */
export function codeLine(words, label) {
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
  return { element: h("div", { class: "cl-code" }, code, copy, note), set: (text) => (setText(code, text), setText(note, "")) };
}

/** What a page without a kernel remembers under this name, in the browser: { keep(value), recall(), forget() }. Where it may not, nothing. */
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
