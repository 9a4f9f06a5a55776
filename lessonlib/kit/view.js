import STYLE from "./base.css";
import { bar, button, checkbox, h, select } from "./page.js";
import { Sliders } from "./sliders.js";
import { fill } from "./words.js";

/** What all views look like stands in the page once, before the first view's own. */
function dressPage() {
  const old = document.getElementById("cl-base");
  const sheet = old ?? h("style", { id: "cl-base" });
  if (sheet.textContent !== STYLE) sheet.textContent = STYLE;
  if (old) return;
  const ours = [...document.querySelectorAll("style")].find((one) => one.textContent.startsWith(".cl-"));
  if (ours) ours.before(sheet);
  else document.head.append(sheet);
}

/**
 * The prelude of every view: words, state, choices, and when to draw.
 *
 * A subclass names the traits that it shows, makes its parts in `build()`, which returns what stands in the view, and
 * shows them in `draw(s, changed)`: s is the state, `changed` whether any of it differs from the last time; what the
 * pointer is on is no part of it. `hidden(trait)` says whose sliders do not apply.
 */
export class View {
  /** @type {string[]} */
  static traits = [];

  /** @param {any} props */
  constructor({ model, el, signal }) {
    this.model = model;
    /** @type {any} */
    this.el = el;
    this.signal = signal;
    this.words = model.get("words");
    this.tables = model.get("tables");
    /** @type {any} */
    this.s = null;
    /** @type {any} */
    this.hovered = null; // what the pointer is on
    this.width = 900;
    this.bound = [];
    this.pending = false;
  }

  /** Show a view of this class, styled by its own class, in an element of the page. */
  static open(name) {
    return { render: (props) => void new this(props).open(name) };
  }

  /** @returns {any[]} */
  build() {
    return [];
  }

  draw(s, changed) {}

  hidden(trait) {
    return false;
  }

  open(name) {
    dressPage();
    this.el.classList.add("cl-view", `cl-${name.replaceAll("_", "-")}`);
    this.el.lang = this.get("lang");
    this.el.replaceChildren(...this.build());
    this.sliders = new Sliders(this, (trait) => this.hidden(trait));
    const schedule = () => this.schedule();
    this.model.on("change", schedule);
    this.atEnd(() => {
      this.model.off("change", schedule);
      this.sliders.arrived.disconnect();
    });
    this.redraw();
    this.schedule();
  }

  /** Draw once after a group of changes, before the next frame is painted. */
  schedule() {
    if (!this.pending) queueMicrotask(() => this.settle());
    this.pending = true;
  }

  settle() {
    this.pending = false;
    if (this.signal?.aborted) return;
    this.sliders.dress();
    this.redraw();
  }

  redraw() {
    const s = this.state();
    const changed = !this.s || Object.keys(s).some((name) => s[name] !== this.s[name]);
    this.s = s;
    if (changed) for (const [control, trait] of this.bound) control.set(s[trait] ?? this.get(trait));
    this.draw(s, changed);
  }

  /** The size of the text, in pixels: --cl-size of base.css. */
  get em() {
    return this.get("large") ? 24 : 16;
  }

  say(key, values = {}) {
    return fill(this.words[key] ?? key, values);
  }

  get(trait) {
    return this.model.get(trait);
  }

  /** The traits that are shown, and the tables that Python knows. */
  state() {
    const names = [.../** @type {any} */ (this.constructor).traits, "tables", "large"];
    return Object.fromEntries(names.map((name) => [name, this.get(name)]));
  }

  /** Set traits of the model as a person's choice, and let the kernel know. */
  set(changes) {
    for (const [name, value] of Object.entries(changes)) this.model.set(name, value);
    this.model.save_changes();
  }

  /** Follow the pointer. */
  look(what) {
    if (JSON.stringify(what) === JSON.stringify(this.hovered)) return;
    this.hovered = what;
    this.redraw();
  }

  // --- Choices

  /** A menu of a trait's values, each named by the word prefix_value. */
  menu(trait, label, names, prefix, onchange = (value) => this.set({ [trait]: value })) {
    const made = select(this.say(label), this.named(names, prefix), onchange);
    this.bound.push([made, trait]);
    return made;
  }

  named(names, prefix) {
    return names.map((name) => [name, this.say(`${prefix}_${name}`)]);
  }

  /** A check box for a trait that is on or off. */
  flag(trait, onchange = (on) => this.set({ [trait]: on }), label = trait) {
    const made = checkbox(this.say(label), onchange);
    this.bound.push([made, trait]);
    return made;
  }

  /** The check box that sets widths apart from heights. */
  apartFlag(sizes) {
    const widths = () => Object.fromEntries(sizes.map((name) => [`${name}_w`, this.get(`${name}_h`)]));
    return this.flag("apart", (apart) => this.set(apart ? { apart, ...widths() } : { apart }));
  }

  kernelMenu(names, onCustom) {
    return this.menu("kernel_preset", "kernel", names, "preset", (name) =>
      this.set({ kernel_preset: name, ...(name === "custom" ? onCustom() : {}) }));
  }

  modeMenu() {
    return this.menu("padding_mode", "padding_mode", this.tables.padding_modes, "mode");
  }

  resetButton(more = {}) {
    return button(this.say("reset"), "↺ " + this.say("reset"), () => this.set({ ...this.get("origin"), ...more }));
  }

  /** The row of choices, with those that every view has. */
  choices(...controls) {
    const parts = [...controls, this.flag("large")].map((one) => one.element ?? one);
    return bar(this.say("choices"), ...parts, this.resetButton());
  }

  alert() {
    return h("div", { class: "cl-message", role: "alert", hidden: true });
  }

  // --- The page around

  /** Act when the view leaves the page. */
  atEnd(action) {
    this.signal?.addEventListener("abort", action);
  }

  /** Keep `width`, that of an element, and act when it is another. */
  onWidth(element, action) {
    const resized = new ResizeObserver(([{ contentRect }]) => {
      if (!contentRect.width) return; // not in the page yet
      this.width = contentRect.width;
      if (this.s) action();
    });
    resized.observe(element);
    this.atEnd(() => resized.disconnect());
  }
}
