// The shape formula with live numbers, the ruler of what its floor drops, and its questions asked backwards.

import { SIZES, axesOf, axisOf, isInput, paddingNeeded } from "../../kit/geometry.js";
import {
  button, classes, codeLine, fillTable, h, setAttribute, setText, spoken, svg, wholeField,
} from "../../kit/page.js";
import { View } from "../../kit/view.js";
import { callCode, equals, format, tuple } from "../../kit/words.js";

const LETTERS = { input: "I", padding: "P", dilation: "D", kernel: "K", stride: "S" };
const ASKS = { padding: "padding", stride: "stride", kernel_size: "kernel" };
const KEPT = 6; // settings in the trace

/** Which sizes differ between two settings of one axis: [[name, from, to], …]. */
export function changes(before, after) {
  return SIZES.filter((name) => before[name] !== after[name]).map((name) => [name, before[name], after[name]]);
}

/**
 * Why an axis whose sizes changed has the same output as before: the key of a sentence, or "" where nothing changed or
 * the output did.
 */
export function why(before, after) {
  const changed = changes(before, after).map(([name]) => name);
  if (!changed.length || before.output !== after.output) return "";
  if (after.output === 0) return "still_none";
  if (before.before !== after.before) return "still_floor";
  if (changed.length > 1) return "still_balanced";
  return changed[0] === "dilation" ? "still_gaps" : "still_room";
}

/** What the question asked backwards wants of this axis; a fraction has no answer. */
export function wantedOf(ask, a, wanted) {
  return { padding: a.input, stride: a.input / 2, kernel_size: wanted }[ask];
}

/**
 * All answers up to `most` to the question for "padding", "stride" or "kernel_size", or why there is none:
 * half: the wanted size is a fraction; odd: what padding has to add is odd; jump: the sizes of two neighbours leave it
 * out; end: even the best (`at`) gives too little; beyond: the first answer (`at`) is larger than `most`; never: no
 * number would do.
 */
export function solutions(ask, a, wanted, most) {
  const name = ASKS[ask];
  const goal = wantedOf(ask, a, wanted);
  const size = (value) => axisOf({ ...a, [name]: value }).output;
  const lowest = name === "padding" ? 0 : 1;
  const upTo = (first, want) =>
    Array.from({ length: most + 1 - first }, (_, i) => first + i).filter((value) => size(value) === want);
  const found = { answers: upTo(lowest, goal), goal, why: "" };
  if (found.answers.length) return found;
  if (!Number.isInteger(goal)) {
    const near = [Math.floor(goal), Math.ceil(goal)].map((one) => ({ goal: one, answers: upTo(1, one) }));
    return { ...found, why: "half", near };
  }
  // Sizes rise with P and fall with S and K: look for the place where they pass the goal.
  const rising = name === "padding";
  const passed = (value) => (rising ? size(value) > goal : size(value) < goal);
  if (passed(lowest)) return { ...found, why: "end", at: lowest, size: size(lowest) };
  let at = lowest;
  while (!passed(at) && size(at) !== goal && at < 4000) at++;
  if (size(at) === goal) return { ...found, why: "beyond", at };
  if (!passed(at)) return { ...found, why: "never", at: most, size: size(most) };
  const beside = { at: at - 1, size: size(at - 1), next: size(at) };
  if (rising && a.stride === 1) return { ...found, why: "odd", ...beside, gap: a.effective - 1 };
  return { ...found, why: "jump", ...beside };
}

/** The ruler of an axis, in cells: windows in lanes where none lies over another, and the one that would come next. */
export function ruler(a) {
  const comes = a.output > 0 && a.leftOver > 0;
  const lanes = Math.max(1, Math.min(a.output + Number(comes), Math.ceil(a.effective / a.stride)));
  const bars = a.starts.map((start, i) => ({ start, lane: i % lanes }));
  const next = comes ? { start: a.output * a.stride, lane: a.output % lanes } : null;
  const extent = Math.max(a.padded, a.output ? 0 : a.effective, next ? next.start + a.effective : 0);
  return { lanes, bars, next, extent };
}

/** The layer in PyTorch's code. */
export function layerCode(s) {
  const both = axesOf(s);
  const pair = (name) => both.map((a) => a[name]);
  const named = { stride: pair("stride"), padding: pair("padding"), dilation: pair("dilation") };
  return callCode("nn.Conv2d", [s.in_channels, s.out_channels, pair("kernel")], named);
}

/** The shapes of input, weight and output; no output (null) where no window fits. */
export function shapesOf(s) {
  const [h, w] = axesOf(s);
  return {
    input: [s.batch_size, s.in_channels, h.input, w.input],
    weight: [s.out_channels, s.in_channels, h.kernel, w.kernel],
    output: h.output && w.output ? [s.batch_size, s.out_channels, h.output, w.output] : null,
  };
}

/** Whole numbers in a sentence: all of them, or the first ones, dots and the last. */
export function listed(numbers, most = 10) {
  if (numbers.length <= most) return numbers.join(", ");
  return `${numbers.slice(0, most - 2).join(", ")}, …, ${numbers.at(-1)}`;
}

const subscript = (number) => String(number).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

/**
 * Texts in a group, [attributes, content] each; those that stand there already are moved, and only where they differ.
 */
function write(group, texts) {
  while (group.childNodes.length > texts.length) group.lastChild.remove();
  texts.forEach(([attributes, content], i) => {
    const element = group.childNodes[i] ?? group.appendChild(svg("text"));
    for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
    setText(element, content);
  });
}

/** One axis: its formula, the steps of it, the ruler, and what is left over. */
class AxisBlock {
  constructor(view, side) {
    this.view = view;
    this.side = side;
    this.key = "";
    this.steps = h("div", { class: "cl-steps" });
    this.sentence = h("div", { class: "cl-said" });
    this.head = h("div", { class: "cl-caption" }, view.say(`axis_${side}`));
    const parts = [this.head, this.formula(), this.steps, this.picture(), this.sentence];
    this.element = h("div", { class: "cl-axis", role: "group", "aria-label": view.say(`axis_${side}`) }, ...parts);
  }

  formula() {
    const op = (text) => h("span", { class: "cl-op" }, text);
    const floor = (text) => h("span", { class: "cl-floor" }, text);
    /** @type {any} */
    this.numbers = Object.fromEntries(["O", "I", "P", "D", "K", "S", "before",
      "after"].map((name) => [name, h("b", {})]));
    this.subs = ["O", "I", "P", "D", "K", "S"].map(() => h("sub", {}));
    const [O, I, P, D, K, S] = ["O", "I", "P", "D", "K", "S"].map((symbol, i) =>
      h("span", { class: "cl-term", "data-symbol": symbol }, h("i", {}, symbol, this.subs[i]), this.numbers[symbol]));
    const top = h("span", { class: "cl-over" }, I, op("+ 2·"), P, op("−"), D, op("·("), K, op("− 1) − 1"));
    const fraction = h("span", { class: "cl-fraction" }, top, h("span", { class: "cl-under" }, S));
    return h("div", { class: "cl-formula", role: "group", "aria-label": this.view.say("formula") },
      h("span", { class: "cl-whole" }, O, op("="), floor("⌊"), fraction, op("+ 1"), floor("⌋")),
      h("span", { class: "cl-values" }, op("= ⌊"), this.numbers.before, op("⌋"), op("="), this.numbers.after));
  }

  picture() {
    const names = ["cells", "pads", "hatch", "taps", "spans", "next", "missed"];
    /** @type {any} */
    this.layers = Object.fromEntries(names.map((name) => [name, svg("path", { class: `cl-r-${name}` })]));
    this.labels = svg("g", { class: "cl-r-labels" });
    this.counts = svg("g", { class: "cl-r-counts" });
    this.ruler = svg("svg", { class: "cl-ruler", role: "img" }, ...Object.values(this.layers), this.labels,
      this.counts);
    return this.ruler;
  }

  show(a, named) {
    const { numbers, view } = this;
    const live = { O: a.output || "–", I: a.input, P: a.padding, D: a.dilation, K: a.kernel, S: a.stride };
    for (const [symbol, value] of Object.entries(live)) setText(numbers[symbol], String(value));
    for (const sub of this.subs) setText(sub, named ? this.side : "");
    setText(numbers.before, format(a.before));
    setText(numbers.after, String(live.O));
    const values = { ...a, span: a.effective, room: a.padded - a.effective, equals: equals(a.before),
      before: format(a.before) };
    setText(this.steps, view.say(a.output ? "steps" : "steps_none", values));
    const text = this.described(a);
    setText(this.sentence, a.output ? text : ""); // what does not fit stands in the message
    const label = view.say("ruler", { padded: a.padded, windows: a.output, span: a.effective });
    setAttribute(this.ruler, "aria-label", `${label} ${text}`);
    const key = JSON.stringify([a.input, a.kernel, a.stride, a.padding, a.dilation, view.width, view.em]);
    if (key !== this.key) this.drawRuler(a);
    this.key = key;
  }

  described(a) {
    const { view } = this;
    if (!a.output) return view.none(a);
    const last = a.starts.at(-1);
    const parts = [view.say("last_window", { start: last, end: last + a.effective - 1, edge: a.padded - 1 })];
    const beyond = a.unreached.filter((cell) => cell >= last + a.effective);
    const between = a.unreached.filter((cell) => cell < last + a.effective);
    if (beyond.length) parts.push(view.say("left_over", { count: beyond.length, list: listed(beyond) }));
    if (between.length) parts.push(view.say("skipped", { count: between.length, list: listed(between) }));
    const padding = (cell) => cell < a.padding || cell >= a.padding + a.input;
    if (!a.unreached.length) parts.push(view.say("all_read"));
    else if (a.padding && a.unreached.every(padding)) parts.push(view.say("only_padding"));
    return parts.join(" ");
  }

  /** Everything of one colour is one path; lengths in pixels. */
  drawRuler(a) {
    const { em } = this.view;
    const { lanes, bars, next, extent } = ruler(a);
    const cell = Math.min((this.view.width - 4) / extent, 2.4 * em);
    const lane = Math.max(3, Math.min(1.25 * em, (9 * em) / lanes));
    const high = Math.min(2 * em, Math.max(cell, 1.1 * em));
    const top = lanes * lane + 4;
    const thick = Math.max(lane - 3, 2);
    const scale = { cell, high, top, thick, x: (at) => (1 + at * cell).toFixed(1), up: (row) => row * lane };
    const [wide, tall] = [Math.ceil(extent * cell + 3), Math.ceil(top + high + 3)];
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${wide} ${tall}`, width: wide, height: tall })) {
      this.ruler.setAttribute(name, value);
    }
    const box = (left, y, cells, height) =>
      `M${scale.x(left)} ${y.toFixed(1)}h${(cells * cell).toFixed(1)}v${height.toFixed(1)}H${scale.x(left)}z`;
    const bar = ({ start, lane: row }) => box(start, scale.up(row), a.effective, thick);
    const taps = ({ start, lane: row }) =>
      Array.from({ length: a.kernel }, (_, k) => box(start + k * a.dilation, scale.up(row), 1, thick)).join("");
    const every = Array.from({ length: a.padded }, (_, i) => i);
    const [inside, pads] = [every.filter((at) => isInput(a, at)), every.filter((at) => !isInput(a, at))];
    const paths = {
      cells: inside.map((at) => box(at, top, 1, high)),
      pads: pads.map((at) => box(at, top, 1, high)),
      hatch: pads.map((at) => hatch(scale, at, 8, false)),
      missed: a.unreached.map((at) => hatch(scale, at, 5, true) + box(at, top, 1, high)),
      taps: bars.map(taps),
      spans: bars.map(bar),
      next: a.output ? (next ? [bar(next)] : []) : [box(0, 0, a.effective, thick)],
    };
    for (const [name, parts] of Object.entries(paths)) this.layers[name].setAttribute("d", parts.join(""));
    this.number(a, scale, bars, every);
  }

  /** Numbers where they fit; otherwise every fifth, tenth, … cell. */
  number(a, { cell, high, top, thick, x, up }, bars, every) {
    const { em } = this.view;
    const size = Math.min(0.85 * em, Math.max(0.62 * em, cell * 0.62));
    const digits = String(a.padded - 1).length;
    const step = [1, 2, 5, 10, 20, 50, 100].find((n) => n * cell > size * (0.62 * digits + 0.35)) ?? 100;
    const missed = new Set(a.unreached);
    const looks = (at) => (missed.has(at) ? "cl-r-missed-number" : isInput(a, at) ? "" : "cl-r-pad-number");
    const text = (at, y, content, look) =>
      [{ x: x(at), y: y.toFixed(1), class: look, "font-size": size.toFixed(1) }, String(content)];
    const labelled = every.filter((at) => at % step === 0);
    write(this.labels, labelled.map((at) => text(at + 0.5, top + high / 2, at, looks(at))));
    const shows = thick >= size * 0.95 && a.effective * cell > size * 2;
    const name = ({ start, lane }, i) =>
      text(start + a.effective / 2, up(lane) + thick / 2, `O${subscript(i)}`, "cl-r-window");
    write(this.counts, shows ? bars.map(name) : []);
  }
}

/** Slanted lines within one cell: the hatch of padding and, the other way, of what no window reads. */
function hatch({ cell, high, top }, at, gap, turn) {
  const parts = [];
  for (let d = gap / 2; d < cell + high; d += gap) {
    const [x1, y1] = d < high ? [0, d] : [d - high, high];
    const [x2, y2] = d < cell ? [d, 0] : [cell, d - cell];
    const along = (value) => (1 + at * cell + (turn ? cell - value : value)).toFixed(1);
    parts.push(`M${along(x1)} ${(top + y1).toFixed(1)}L${along(x2)} ${(top + y2).toFixed(1)}`);
  }
  return parts.join("");
}

class ShapeCalculator extends View {
  static traits = [
    ...SIZES.flatMap((name) => [`${name}_h`, `${name}_w`]), "apart", "batch_size", "in_channels", "out_channels",
      "ask", "wanted",
  ];

  build() {
    this.trace = []; // the last settings, [height, width] each
    const choices = this.choices(this.apartFlag(SIZES));
    this.blocks = ["h", "w"].map((side) => new AxisBlock(this, side));
    const axes = h("div", { class: "cl-axes" }, ...this.blocks.map((one) => one.element));
    this.message = this.alert();
    this.change = h("div", { class: "cl-change" });
    this.live = spoken();
    this.line = codeLine(this.words, this.say("code"));
    this.shapes = h("div", { class: "cl-shapes" });
    this.table = h("table", { class: "cl-settings" });
    this.clear = button(this.say("trace_clear"), this.say("trace_clear"), () => {
      this.trace = this.trace.slice(-1);
      this.showTrace();
    });
    const past = h("div", { class: "cl-past" }, this.table, this.clear);
    const bothWays = h("div", { class: "cl-both-ways" }, past, this.backwards());
    this.onWidth(axes, () => this.redraw());
    return [choices, axes, this.message, this.change, this.live, this.line.element, this.shapes, bothWays];
  }

  backwards() {
    const asks = this.menu("ask", "ask", this.tables.asks, "ask");
    const take = (wanted) => this.set({ wanted });
    this.wanted = wholeField(this.say("wanted"), this.tables.wanted, take,
      (field) => (field.value = this.get("wanted")));
    this.wanted.classList.add("cl-goal");
    this.wantedLabel = h("label", { class: "cl-choice" }, h("span", {}, "O ="), this.wanted);
    this.answers = ["h", "w"].map(() => h("div", { class: "cl-answers" }));
    const row = h("div", { class: "cl-bar" }, asks.element, this.wantedLabel);
    return h("div", { class: "cl-backwards", role: "group", "aria-label": this.say("ask") }, row, ...this.answers);
  }

  hidden(trait) {
    return trait.endsWith("_w") && !this.get("apart");
  }

  draw(s) {
    const both = axesOf(s);
    const last = this.trace.at(-1);
    if (!last || both.some((a, i) => changes(last.both[i], a).length) || last.apart !== s.apart) {
      this.trace = [...this.trace, { both, apart: s.apart }].slice(-KEPT);
      this.showTrace();
    }
    const shown = s.apart ? both : both.slice(0, 1);
    this.blocks[1].element.hidden = this.blocks[0].head.hidden = this.answers[1].hidden = !s.apart;
    shown.forEach((a, i) => this.blocks[i].show(a, s.apart));
    const broken = both.find((a) => a.output === 0);
    this.message.hidden = !broken;
    setText(this.message, broken ? this.none(broken) : "");
    this.tellChange(s, shown);
    this.line.set(layerCode(s));
    const { input, weight, output } = shapesOf(s);
    const map = output ? tuple(output) : "–";
    setText(this.shapes, `(N, C, H, W): ${tuple(input)} → ${map} · ${this.say("weight")} ${tuple(weight)}`);
    this.wantedLabel.hidden = s.ask !== "kernel_size";
    if (this.wanted !== document.activeElement) this.wanted.value = s.wanted;
    shown.forEach((a, i) => this.showAnswers(s, a, i));
  }

  none(a) {
    return this.say(a.dilation === 1 ? "none" : "none_dilated",
      { ...a, span: a.effective, smallest: paddingNeeded(a) });
  }

  axisName(s, i) {
    return s.apart ? `${this.say(i ? "axis_w" : "axis_h")}: ` : "";
  }

  /** What the last change did to O, and where it did nothing, why. */
  tellChange(s, shown) {
    const before = this.trace.at(-2);
    const from = before?.apart === s.apart ? before.both : shown;
    const parts = shown.flatMap((a, i) => {
      const changed = changes(from[i], a).map(([name, old, now]) => `${LETTERS[name]} ${old} → ${now}`);
      if (!changed.length) return [];
      const values = {
        changed: changed.join(", "), from: from[i].output || "–", to: a.output || "–", before: format(from[i].before),
        after: format(a.before), output: a.output, span: a.effective, padded: a.padded,
      };
      return [this.axisName(s, i) + this.say(why(from[i], a) || "changed", values)];
    });
    const text = parts.join(" ") || this.say("change_nothing");
    this.change.classList.toggle("cl-still", shown.some((a, i) => why(from[i], a)));
    setText(this.change, text);
    const said = shown.map((a) => a.output || this.none(a)).join(" × ");
    setText(this.live, parts.length ? `${text} O = ${said}` : `O = ${said}`);
  }

  showTrace() {
    const columns = [
      ...Object.keys(LETTERS).map((name) => (a) => a[name]), (a) => format(a.before), (a) => a.output || "–",
    ];
    const text = (one, of) => String(one.apart ? one.both.map(of).join("×") : of(one.both[0]));
    const cell = (row, column) => {
      const [one, before] = [this.trace[row], this.trace[row - 1]];
      const shown = text(one, columns[column]);
      const moved = before && text(before, columns[column]) !== shown;
      const last = row === this.trace.length - 1;
      const looks = [last && "cl-last", moved && "cl-moved", moved && column > 4 && "cl-out",
        column === 5 && "cl-fraction-column"];
      return h("td", { class: classes(...looks) || null }, shown);
    };
    const fraction = h("th", { scope: "col", class: "cl-fraction-column" }, this.say("before_floor"));
    const heads = [...Object.values(LETTERS), fraction, "O"];
    fillTable(this.table, this.say("trace"), heads,
      this.trace.map((_, row) => columns.map((_, column) => cell(row, column))));
    this.clear.disabled = this.trace.length < 2;
  }

  showAnswers(s, a, i) {
    const { most } = s.tables;
    const box = this.answers[i];
    const found = solutions(s.ask, a, s.wanted, most);
    const key = JSON.stringify([s.ask, found, s.apart, a.stride]);
    if (box.key === key) return;
    box.key = key;
    const trait = ASKS[s.ask];
    const letter = LETTERS[trait];
    const name = this.axisName(s, i);
    if (!found.answers.length) return box.replaceChildren(name + this.noAnswer(found, a, letter, most));
    const put = (value) => button(this.say("put_in", { letter, value }), `${letter} = ${value}`, () =>
      this.set({ [`${trait}_${i ? "w" : "h"}`]: value }));
    const more = found.answers.at(-1) === most ? [h("span", { class: "cl-note" }, this.say("up_to", { most }))] : [];
    box.replaceChildren(`${name}${this.say("answers", { goal: found.goal })} `, ...found.answers.map(put), ...more);
  }

  noAnswer(found, a, letter, most) {
    const size = found.size || this.say("no_output");
    const next = found.next || this.say("no_output");
    const values = { ...found, letter, goal: format(found.goal), most, size, next, after: found.at + 1,
      input: a.input };
    if (found.why !== "half") return this.say(`no_${found.why}`, values);
    const near = found.near.filter(({ answers }) => answers.length).map(({ goal, answers }) =>
      this.say("near", { goal, list: answers.map((one) => `${letter} = ${one}`).join(", ") }));
    return [this.say("no_half", values), ...near].join(" ");
  }
}

export default ShapeCalculator.open("shape_calculator");
