import { h, numberField, setAttribute, setStyle, stepOf } from "./page.js";
import { breadth, fill, format, parse } from "./words.js";

/**
 * A plane of numbers: an ARIA grid with one Tab stop, walked with the arrow keys.
 *
 * `on.point({ r, c } | null)` follows the focus and the pointer, unless it is pressed: then it drags something;
 * `on.press({ r, c }, event)` is a click or Enter; `on.edit(r, c, number)`, if given, makes cells editable: a click,
 * Enter, F2 or a typed digit opens a field; `on.move(r, c)` is told where the arrow keys go and may return false to
 * stay.
 */
export class Grid {
  /** @param {any} on */
  constructor(words, kind, on = {}) {
    this.words = words;
    this.on = on;
    this.rows = this.columns = 0;
    /** @type {any[][]} */
    this.cells = [];
    this.at = { r: 0, c: 0 };
    this.field = null;
    /** @type {string | number} */
    this.stamp = "";
    this.fit = "";
    this.body = h("div", { class: "cl-cells" });
    this.outline = h("div", { class: "cl-outline", "aria-hidden": "true", hidden: true });
    this.caption = h("div", { class: "cl-caption" });
    this.grid = h("div", { class: `cl-grid cl-${kind}`, role: "grid" }, this.body, this.outline);
    this.element = h("div", { class: "cl-panel" }, this.caption, this.grid);
    this.listen();
  }

  listen() {
    const { grid, on } = this;
    grid.addEventListener("pointerover", (event) => event.buttons === 0 && on.point?.(this.cellOf(event)));
    grid.addEventListener("pointerleave", () => on.point?.(null));
    grid.addEventListener("focusin", (event) => {
      const cell = this.cellOf(event);
      if (!cell) return;
      this.rove(cell);
      if (event.target.matches(":focus-visible")) on.point?.(cell);
    });
    grid.addEventListener("focusout", () => on.point?.(null));
    grid.addEventListener("click", (event) => {
      const cell = this.cellOf(event);
      if (cell && !this.field?.contains(event.target)) this.press(cell, event);
    });
    grid.addEventListener("keydown", (event) => this.key(event));
  }

  cellOf(event) {
    const cell = event.target.closest?.("[data-r]");
    return cell && this.grid.contains(cell) ? { r: Number(cell.dataset.r), c: Number(cell.dataset.c) } : null;
  }

  press(cell, event) {
    if (this.on.press?.(cell, event) === false) return;
    if (this.on.edit) this.edit(cell);
  }

  key(event) {
    if (this.field || event.ctrlKey || event.metaKey || event.altKey) return;
    const { r, c } = this.at;
    const act = {
      Enter: () => this.press(this.at, event),
      F2: () => this.press(this.at, event),
      " ": () => this.press(this.at, event),
      Home: () => this.walk(r, 0),
      End: () => this.walk(r, this.columns - 1),
    }[event.key] ?? (this.on.edit && /^[-−.0-9]$/.test(event.key) ? () => this.edit(this.at, event.key) : null);
    const step = stepOf(event);
    if (step) return this.walk(r + step[0], c + step[1]);
    if (!act) return;
    // JupyterLab has keys of its own on the cell around.
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  walk(r, c) {
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

  /** Open a field in a cell, with what was typed or with what stands there. */
  edit({ r, c }, text = null) {
    this.close();
    const cell = this.cells[r][c];
    const label = fill(this.words.edit_label, { row: r, column: c });
    const field = numberField({ class: "cl-field", "aria-label": label });
    field.value = text ?? cell.textContent;
    this.field = field;
    field.addEventListener("input", () => {
      field.setCustomValidity("");
      field.removeAttribute("aria-invalid");
    });
    field.addEventListener("keydown", (event) => this.typed(event, { r, c }));
    field.addEventListener("blur", () => {
      if (this.field === field && !this.commit({ r, c })) this.close();
    });
    cell.append(field);
    field.focus();
    if (text === null) field.select();
  }

  /** Hand on the number in the open field; returns whether there was one. */
  commit({ r, c }) {
    const { field } = this;
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
  }

  /** A key in the open field. */
  typed(event, { r, c }) {
    event.stopPropagation();
    if (event.key === "Escape" || (event.key === "Enter" && this.commit({ r, c }))) {
      this.close();
      this.focus({ r, c });
      event.preventDefault();
    } else if (event.key === "Tab" && this.commit({ r, c })) {
      this.close();
      const next = c + (event.shiftKey ? -1 : 1);
      if (next < 0 || next >= this.columns) return this.focus({ r, c });
      event.preventDefault();
      this.focus({ r, c: next });
      this.edit({ r, c: next });
    }
  }

  close() {
    const { field } = this;
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
        const place = { "data-r": r, "data-c": cells.length };
        const cell = h("div", { class: "cl-cell", role: "gridcell", tabindex: -1, ...place });
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
   * Show values[r][c] (null: an empty cell), each with the classes that `mark(r, c)` returns, and a name of the whole.
   * Cells are named by `read(r, c, text)` when their text or classes change, and all of them when `stamp` does.
   * @param {string | number} stamp
   */
  show(values, label, mark = (r, c) => "", read = null, stamp = "") {
    const afresh = this.resize(values.length, values[0]?.length ?? 0) || stamp !== this.stamp;
    this.stamp = stamp;
    setAttribute(this.grid, "aria-label", label);
    let widest = 1;
    for (let r = 0; r < this.rows; r++) {
      for (let c = 0; c < this.columns; c++) {
        const cell = this.cells[r][c];
        const written = this.write(cell, values[r][c], afresh);
        const marked = this.mark(cell, mark(r, c));
        widest = Math.max(widest, cell.breadth);
        if (!afresh && !written && !marked) continue;
        const name = read?.(r, c, cell.shown) ?? fill(this.words.cell, { row: r, column: c, value: cell.shown || "–" });
        if (cell.named !== name) cell.setAttribute("aria-label", (cell.named = name));
      }
    }
    const fit = Math.min(0.44, 0.88 / widest).toFixed(3);
    if (this.fit !== fit) setStyle(this.grid, "--fit", (this.fit = fit));
  }

  write(cell, value, afresh) {
    if (cell.value === value && !afresh) return false;
    cell.value = value;
    const text = value === null ? "" : typeof value === "string" ? value : format(value);
    if (cell.shown === text) return false;
    if (this.field && cell.contains(this.field)) this.close();
    cell.textContent = cell.shown = text;
    cell.breadth = breadth(text);
    return true;
  }

  mark(cell, marks) {
    if (cell.marks === marks) return false;
    cell.marks = marks;
    cell.className = marks ? `cl-cell ${marks}` : "cl-cell";
    return true;
  }

  /** Show values under a caption that is their name as well. */
  display(values, caption, mark, read, stamp) {
    if (this.caption.textContent !== caption) this.caption.textContent = caption;
    this.show(values, caption, mark, read, stamp);
  }

  /** Show a window of a picture, rows of { value, padding }, under a name: padding is marked, and what `mark` adds. */
  look(cells, name, mark = (r, c) => "") {
    const marks = (r, c) => `${cells[r][c].padding ? "cl-pad" : ""} ${mark(r, c)}`.trim();
    this.display(cells.map((line) => line.map(({ value }) => value)), name, marks);
  }

  /**
   * Lay the outline of a window over rows top … top+height−1 and columns left … (fractions while it glides); null
   * hides it.
   */
  frame(window) {
    this.outline.hidden = !window;
    if (window) frame(this.outline, window);
  }
}

/** Lay an outline over a window of a grid. */
export function frame(outline, { top, left, height, width }) {
  setStyle(outline, "--height", String(height));
  setStyle(outline, "--width", String(width));
  const place = `translate(calc(${left} * var(--cell)), calc(${top} * var(--cell)))`;
  if (outline.place !== place) outline.style.transform = outline.place = place;
}
