// An endless stream of questions about output sizes. Seed and history determine everything: the next question, its
// level, the score.

import { axisOf, effectiveKernel } from "../../kit/geometry.js";
import { button, formula, h, memory, setChildren, setText } from "../../kit/page.js";
import { View } from "../../kit/view.js";

const HIGHEST_LEVEL = 6;
// What may be asked from each level on.
const UNLOCKED = { 1: ["output"], 2: ["padding"], 3: ["kernel"], 4: ["stride"], 6: ["pair"] };
const MOST_CHOICES = 5;

/** A stream of whole numbers between low and high, the same for the same seed (mulberry32). */
export function dice(seed) {
  let state = seed >>> 0;
  return (low, high) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return low + (((t ^ (t >>> 14)) >>> 0) % (high - low + 1));
  };
}

/** Two right answers raise the level, a wrong one lowers it by half as much. */
export function level(history) {
  let points = 0;
  for (const { right } of history) points = Math.min(Math.max(points + (right ? 1 : -1), 0), 2 * HIGHEST_LEVEL - 1);
  return Math.min(1 + Math.floor(points / 2), HIGHEST_LEVEL);
}

/** How many answers in a row were right, counted from the last one back. */
export function streak(history) {
  const wrong = history.findLastIndex(({ right }) => !right);
  return history.length - 1 - wrong;
}

/** The kinds whose last answer was wrong, the one that has waited longest first. */
export function missed(history) {
  const last = new Map();
  for (const one of history) {
    last.delete(one.kind);
    last.set(one.kind, one.right);
  }
  return [...last].filter(([, right]) => !right).map(([kind]) => kind);
}

/** How often each mistake was made: [[name, count]], the most frequent first. */
export function mistakesMade(history) {
  const counts = new Map();
  for (const { mistake } of history) if (mistake) counts.set(mistake, (counts.get(mistake) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1]);
}

// How each mistake answers. n holds input, kernel, padding, stride, dilation and output of one axis.
const span = (n) => effectiveKernel(n.kernel, n.dilation);
const steps = (n, room) => Math.floor(room / n.stride) + 1;
export const MISTAKES = {
  output: {
    no_plus_one: (n) => steps(n, n.input + 2 * n.padding - span(n)) - 1,
    padding_once: (n) => steps(n, n.input + n.padding - span(n)),
    padding_ignored: (n) => steps(n, n.input - span(n)),
    padding_after_stride: (n) => steps(n, n.input - span(n)) + 2 * n.padding,
    rounded_up: (n) => Math.ceil((n.input + 2 * n.padding - span(n)) / n.stride) + 1,
    size_stays: (n) => n.input,
    kernel_added: (n) => steps(n, n.input + 2 * n.padding + span(n)),
    stride_ignored: (n) => n.input + 2 * n.padding - span(n) + 1,
    stride_divides_input: (n) => (n.stride > 1 ? Math.floor(n.input / n.stride) : NaN),
    dilation_ignored: (n) => steps(n, n.input + 2 * n.padding - n.kernel),
    dilation_times_kernel: (n) => steps(n, n.input + 2 * n.padding - n.dilation * n.kernel),
  },
  padding: {
    padding_in_total: (n) => 2 * n.padding,
    kernel_as_padding: (n) => n.kernel,
    padding_always_half: (n) => Math.floor(n.kernel / 2),
    padding_without_plus_one: (n) => (n.output * n.stride + n.kernel - n.input) / 2,
    padding_without_stride: (n) => (n.output - 1 + n.kernel - n.input) / 2,
  },
  stride: {
    stride_as_ratio: (n) => Math.floor(n.input / n.output),
    stride_as_difference: (n) => n.input - n.output,
    stride_without_plus_one: (n) => Math.floor((n.input + 2 * n.padding - n.kernel) / n.output),
    stride_without_padding: (n) => Math.floor((n.input - n.kernel) / (n.output - 1)),
    stride_with_padding_once: (n) => Math.floor((n.input + n.padding - n.kernel) / (n.output - 1)),
  },
  kernel: {
    kernel_without_plus_one: (n) => n.input + 2 * n.padding - n.output,
    kernel_without_padding: (n) => n.input - n.output + 1,
    kernel_with_padding_once: (n) => n.input + n.padding - n.output + 1,
    kernel_span_as_size: (n) => span(n),
  },
};

const LOWEST = { output: 1, padding: 0, stride: 1, kernel: 1 };
// The sizes among which an inverse question must have just one answer.
const SEARCHED = { padding: [0, 16], stride: [1, 16], kernel: [1, 16] };

/** All values of the wanted size that give this output. */
export function solutions(kind, n) {
  const [low, high] = SEARCHED[kind];
  const sizes = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return sizes.filter((size) => {
    return axisOf({ ...n, [kind]: size }).output === n.output;
  });
}

function drawAxis(roll, kind, at) {
  const pick = (...from) => from[roll(0, from.length - 1)];
  const n = { padding: 0, stride: 1, dilation: 1 };
  n.kernel = at < 3 ? pick(2, 3, 5) : pick(2, 3, 4, 5, 7);
  n.input = at < 3 ? roll(5, 12) : at < 6 ? roll(6, 32) : pick(roll(10, 40), 28, 32, 64, 224);
  if (kind === "padding" || (at >= 2 && kind !== "padding" && roll(0, 3) > 0)) n.padding = roll(1, at < 4 ? 2 : 4);
  if (kind === "stride") n.stride = roll(2, 4);
  else if (kind !== "kernel" && at >= 3) n.stride = roll(kind === "output" ? 2 : 1, 3);
  if (at >= 5 && (kind === "output" || kind === "kernel")) n.dilation = roll(1, 3);
  const { output, leftOver } = axisOf(n);
  n.output = output;
  const fits = output >= 2 && (at > 3 || leftOver === 0);
  return fits && (!(kind in SEARCHED) || solutions(kind, n).length === 1) ? n : null;
}

/** Wrong answers with the mistakes that give them; one that two mistakes give, or that is right, is left out. */
function wrongAnswers(kind, axes) {
  const asked = kind === "pair" ? "output" : kind;
  const read = (values) => values.every((value) => Number.isInteger(value) && value >= LOWEST[asked]);
  const found = Object.entries(MISTAKES[asked]).map(([mistake, wrong]) => [mistake, axes.map(wrong)]);
  if (kind === "pair") {
    const swap = (n, { kernel, padding, stride }) => axisOf({ ...n, kernel, padding, stride }).output;
    found.push(["height_width_swapped", [swap(axes[0], axes[1]), swap(axes[1], axes[0])]]);
  }
  const right = rightAnswer(kind, axes);
  const told = ([mistake, values]) => ({ mistake, values, text: values.join(" × ") });
  const valid = found.filter(([, values]) => read(values)).map(told);
  return valid.filter(({ text }) => text !== right && valid.filter((other) => other.text === text).length === 1);
}

function rightAnswer(kind, axes) {
  return axes.map((n) => n[kind === "pair" ? "output" : kind]).join(" × ");
}

/** The question that comes after a history: { kind, level, axes, right, choices: [{ text, values, mistake }] }. */
export function next(seed, history) {
  const roll = dice(Math.imul(seed + 1, 2654435761) ^ Math.imul(history.length + 1, 40503));
  const at = level(history);
  const open = Object.entries(UNLOCKED).filter(([from]) => Number(from) <= at).flatMap(([, kinds]) => kinds);
  const kind = missed(history)[0] ?? open[roll(0, open.length - 1)];
  for (;;) {
    const axes = Array.from({ length: kind === "pair" ? 2 : 1 }, () => drawAxis(roll, kind, at));
    if (axes.includes(null)) continue;
    const wrong = wrongAnswers(kind, axes);
    const swapped = wrong.some(({ mistake }) => mistake === "height_width_swapped");
    if (wrong.length < 2 || (kind === "pair" && !swapped)) continue;
    while (wrong.length > MOST_CHOICES - 1) wrong.splice(roll(0, wrong.length - 1), 1);
    return { kind, level: at, axes, right: rightAnswer(kind, axes), choices: choicesOf(kind, axes, wrong) };
  }
}

/** The right answer among the wrong ones, in order, with a near miss where the mistakes alone would leave too few. */
function choicesOf(kind, axes, wrong) {
  const values = axes.map((n) => n[kind === "pair" ? "output" : kind]);
  const choices = [{ text: rightAnswer(kind, axes), values, mistake: null }, ...wrong];
  for (const step of [1, -1, 2]) {
    const near = values.map((value) => value + step);
    const text = near.join(" × ");
    const isNew = near[0] >= 1 && !choices.some((one) => one.text === text);
    if (choices.length < 4 && isNew) choices.push({ text, values: near, mistake: null });
  }
  return choices.sort((one, other) => one.values[0] - other.values[0] || (one.values[1] ?? 0) - (other.values[1] ?? 0));
}

class ShapeQuiz extends View {
  static traits = ["seed", "history", "explaining", "recorded"];

  build() {
    this.drawn = "";
    this.store = memory(`shape_quiz/${this.get("seed")}`);
    this.score = h("div", { class: "cl-score" });
    this.heading = h("div", { class: "cl-question", tabindex: -1 });
    this.given = h("div", { class: "cl-givens" });
    this.options = h("div", { class: "cl-options", role: "group", "aria-label": this.say("options") });
    this.result = h("div", { class: "cl-explained", role: "status" });
    this.forward = h("button", { type: "button", class: "cl-button cl-forward", onclick: () => this.go() },
      this.say("next"));
    this.onward = h("div", { class: "cl-bar" }, this.forward);
    this.review = h("details", { class: "cl-review" });
    const reset = button(this.say("reset"), this.say("reset"), () => this.begin());
    const last = h("div", { class: "cl-bar" }, reset, this.flag("large").element);
    const kept = this.store.recall();
    if (Array.isArray(kept) && !this.get("history").length) this.set({ history: kept });
    return [h("div", { class: "cl-quiz", onkeydown: (event) => this.key(event) },
      this.score, this.heading, this.given, this.options, this.result, this.onward, this.review, last)];
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.key === "Escape") return;
    // JupyterLab has keys of its own on the cell around.
    event.stopPropagation();
    if (/^[1-9]$/.test(event.key) && !this.get("explaining")) this.options.children[Number(event.key) - 1]?.click();
  }

  begin() {
    this.store.forget();
    this.set({ history: [], explaining: false });
    this.heading.focus({ preventScroll: true });
  }

  answer(choice, question) {
    if (this.get("explaining")) return;
    const right = choice.text === question.right;
    const entry = { kind: question.kind, given: choice.text, right, mistake: choice.mistake ?? "" };
    const history = [...this.get("history"), entry];
    this.store.keep(history);
    this.set({ history, explaining: true });
    queueMicrotask(() => this.forward.focus({ preventScroll: true }));
  }

  go() {
    this.set({ explaining: false });
    queueMicrotask(() => this.heading.focus({ preventScroll: true }));
  }

  draw({ seed, history, explaining, recorded }) {
    // The kernel has noted everything; without one the page remembers.
    if (history.length && recorded === history.length) this.store.forget();
    const done = explaining ? history.at(-1) : null;
    const stamp = `${history.length} ${explaining} ${history.at(-1)?.given}`;
    if (stamp === this.drawn) return;
    this.drawn = stamp;
    // While an answer is being explained, its question is the one before the history's last entry.
    const asked = explaining ? history.slice(0, -1) : history;
    const question = next(seed, asked);
    const right = history.filter((one) => one.right).length;
    setText(this.score, this.say("score",
      { level: question.level, streak: streak(history), right, total: history.length }));
    setText(this.heading, this.say(`ask_${question.kind}`));
    setChildren(this.given, this.chips(question, done));
    setChildren(this.options, question.choices.map((choice, i) => this.option(choice, i, question, done)));
    setChildren(this.result, done ? this.explained(done, question) : []);
    this.onward.hidden = !done;
    this.showReview(history, done ? [] : missed(asked));
  }

  /** The sizes that are given, and the one that is wanted. */
  chips(question, done) {
    const symbols = { input: "I", kernel: "K", padding: "P", stride: "S", dilation: "D", output: "O" };
    const wanted = question.kind === "pair" ? "output" : question.kind;
    const shown = Object.keys(symbols).filter((name) => name !== "dilation"
      || question.axes.some((n) => n.dilation > 1));
    return shown.map((name) => {
      const value = question.axes.map((n) => n[name]).join(" × ");
      const text = name === wanted ? (done ? question.right : "?") : value;
      const look = name === wanted ? "cl-chip cl-wanted" : "cl-chip";
      return h("span", { class: look, title: this.say(`size_${name}`) }, h("i", {}, symbols[name]), " = ",
        h("b", {}, text));
    });
  }

  showReview(history, again) {
    const made = mistakesMade(history);
    this.review.hidden = made.length === 0;
    const items = made.map(([name, count]) =>
      h("li", {}, this.say("made", { name: this.words[`${name}_name`], count })));
    const next = again.length ? [h("p", {}, this.say("again", { kind: this.say(`kind_${again[0]}`) }))] : [];
    setChildren(this.review, [h("summary", {}, this.say("review")), h("ul", {}, ...items), ...next]);
  }

  option(choice, i, question, done) {
    const isRight = done && choice.text === question.right;
    const isMine = done && choice.text === done.given;
    const right = ` ✓ ${this.say(isMine ? "yours_right" : "right")}`;
    const mark = isRight ? right : isMine ? ` ✗ ${this.say("yours")}` : "";
    const look = `cl-button cl-answer ${isRight ? "cl-is-right" : isMine ? "cl-is-wrong" : ""}`;
    const onclick = () => this.answer(choice, question);
    return h("button", { type: "button", class: look, "aria-disabled": done ? "true" : null, onclick },
      h("kbd", { "aria-hidden": "true" }, i + 1), h("b", {}, choice.text), h("span", { class: "cl-verdict" }, mark));
  }

  explained(done, question) {
    const verdict = (key, values) => h("p", { class: "cl-verdict" }, this.say(key, values));
    const parts = [];
    if (done.right) parts.push(verdict("is_right"));
    else if (done.mistake) {
      const name = this.words[`${done.mistake}_name`];
      parts.push(verdict("named", { given: done.given, name }), h("p", {}, this.say(done.mistake)));
    } else parts.push(verdict("unnamed", { given: done.given }));
    const inverse = question.kind !== "output" && question.kind !== "pair";
    if (inverse) parts.push(h("p", {}, this.say(`check_${question.kind}`, { right: question.right })));
    const axes = question.axes.map(axisOf);
    return [...parts, ...axes.map((a, i) => formula(axes.length > 1 ? "hw"[i] : "", a))];
  }
}

export default ShapeQuiz.open("shape_quiz");
