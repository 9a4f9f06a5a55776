// An endless stream of questions about output sizes. Seed and history determine everything: the next question, its level, the score.

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

// How each misconception answers. n holds input, kernel, padding, stride, dilation and output of one axis.
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
    const m = { ...n, [kind]: size };
    return axis(m.input, m.kernel, m.stride, m.padding, m.dilation).output === n.output;
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
  const { output, leftOver } = axis(n.input, n.kernel, n.stride, n.padding, n.dilation);
  n.output = output;
  const fits = output >= 2 && (at > 3 || leftOver === 0);
  return fits && (!(kind in SEARCHED) || solutions(kind, n).length === 1) ? n : null;
}

/** Wrong answers with the mistakes that give them; one that two mistakes give, or that is right, is left out. */
function wrongAnswers(kind, axes) {
  const read = (values) => values.every((value) => Number.isInteger(value) && value >= LOWEST[kind === "pair" ? "output" : kind]);
  const found = Object.entries(MISTAKES[kind === "pair" ? "output" : kind]).map(([mistake, wrong]) => [mistake, axes.map(wrong)]);
  if (kind === "pair") {
    const [n, m] = axes;
    const swapped = [{ ...n, kernel: m.kernel, padding: m.padding, stride: m.stride }, { ...m, kernel: n.kernel, padding: n.padding, stride: n.stride }];
    found.push(["height_width_swapped", swapped.map((one) => axis(one.input, one.kernel, one.stride, one.padding, one.dilation).output)]);
  }
  const right = rightAnswer(kind, axes);
  const valid = found.filter(([, values]) => read(values)).map(([mistake, values]) => ({ mistake, values, text: values.join(" × ") }));
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
    const right = rightAnswer(kind, axes);
    const wrong = wrongAnswers(kind, axes);
    if (wrong.length < 2 || (kind === "pair" && !wrong.some(({ mistake }) => mistake === "height_width_swapped"))) continue;
    while (wrong.length > MOST_CHOICES - 1) wrong.splice(roll(0, wrong.length - 1), 1);
    const values = axes.map((n) => n[kind === "pair" ? "output" : kind]);
    const choices = [{ text: right, values, mistake: null }, ...wrong];
    // A near miss where the mistakes alone would leave too few to choose from.
    for (const step of [1, -1, 2]) {
      const near = values.map((value) => value + step);
      if (choices.length < 4 && near[0] >= 1 && !choices.some(({ text }) => text === near.join(" × ")))
        choices.push({ text: near.join(" × "), values: near, mistake: null });
    }
    choices.sort((one, other) => one.values[0] - other.values[0] || (one.values[1] ?? 0) - (other.values[1] ?? 0));
    return { kind, level: at, axes, right, choices };
  }
}

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (name, values) => fill(words[name], values);
    const store = memory(`shape_quiz/${model.get("seed")}`);
    const history = () => model.get("history");
    // While an answer is being explained, its question is the one before the history's last entry.
    const asked = () => (model.get("explaining") ? history().slice(0, -1) : history());

    const score = h("div", { class: "cl-score" });
    const heading = h("div", { class: "cl-question", tabindex: -1 });
    const given = h("div", { class: "cl-givens" });
    const options = h("div", { class: "cl-options", role: "group" });
    const result = h("div", { class: "cl-result", role: "status" });
    const forward = h("button", { type: "button", class: "cl-button cl-forward", onclick: () => go() }, say("next"));
    const onward = h("div", { class: "cl-bar" }, forward);
    const review = h("details", { class: "cl-review" });
    const large = checkbox(words.large, (on) => choose(model, { large: on }));
    const reset = button(say("reset"), say("reset"), () => {
      store.forget();
      choose(model, { history: [], explaining: false });
      heading.focus({ preventScroll: true });
    });
    const box = h("div", { class: "cl-quiz" }, score, heading, given, options, result, onward, review, h("div", { class: "cl-bar" }, reset, large.element));
    el.append(box);

    box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.key === "Escape") return;
      // JupyterLab has keys of its own on the cell around.
      event.stopPropagation();
      if (/^[1-9]$/.test(event.key) && !model.get("explaining")) options.children[Number(event.key) - 1]?.click();
    });

    function answer(choice, question) {
      if (model.get("explaining")) return;
      const entry = { kind: question.kind, given: choice.text, right: choice.text === question.right, mistake: choice.mistake ?? "" };
      const longer = [...history(), entry];
      store.keep(longer);
      choose(model, { history: longer, explaining: true });
      queueMicrotask(() => forward.focus({ preventScroll: true }));
    }
    function go() {
      choose(model, { explaining: false });
      queueMicrotask(() => heading.focus({ preventScroll: true }));
    }

    function chip(symbol, value, wanted) {
      return h("span", { class: wanted ? "cl-chip cl-wanted" : "cl-chip" }, h("i", {}, symbol), " = ", h("b", {}, value));
    }

    let drawn = "";
    function draw() {
      large.set(model.get("large"));
      const all = history();
      // The kernel has noted everything; without one the page remembers.
      if (all.length && model.get("recorded") === all.length) store.forget();
      const stamp = `${all.length} ${model.get("explaining")} ${all.length ? all.at(-1).given : ""}`;
      if (stamp === drawn) return;
      drawn = stamp;
      const question = next(model.get("seed"), asked());
      const done = model.get("explaining") ? all.at(-1) : null;
      setText(score, say("score", { level: question.level, streak: streak(all), right: all.filter(({ right }) => right).length, total: all.length }));
      setText(heading, say(`ask_${question.kind}`));
      const value = (name) => question.axes.map((n) => n[name]).join(" × ");
      const wanted = question.kind === "pair" ? "output" : question.kind;
      const symbols = { input: "I", kernel: "K", padding: "P", stride: "S", dilation: "D", output: "O" };
      const shown = Object.keys(symbols).filter((name) => name !== "dilation" || question.axes.some((n) => n.dilation > 1));
      setChildren(given, shown.map((name) => {
        const one = chip(symbols[name], name === wanted ? (done ? question.right : "?") : value(name), name === wanted);
        one.title = say(`size_${name}`);
        return one;
      }));
      options.setAttribute("aria-label", say("options"));
      setChildren(options, question.choices.map((choice, i) => optionButton(choice, i, question, done)));
      setChildren(result, done ? explained(done, question) : []);
      onward.hidden = !done;
      const made = mistakesMade(all);
      review.hidden = made.length === 0;
      const items = made.map(([name, count]) => h("li", {}, say("made", { name: words[`${name}_name`], count })));
      setChildren(review, [h("summary", {}, say("review")), h("ul", {}, ...items)]);
      const again = missed(asked());
      if (again.length && !done) review.append(h("p", {}, say("again", { kind: say(`kind_${again[0]}`) })));
    }

    function optionButton(choice, i, question, done) {
      const isRight = done && choice.text === question.right;
      const isMine = done && choice.text === done.given;
      const mark = isRight ? ` ✓ ${isMine ? say("yours_right") : say("right")}` : isMine ? ` ✗ ${say("yours")}` : "";
      return h(
        "button",
        {
          type: "button", class: `cl-button cl-answer ${isRight ? "cl-is-right" : isMine ? "cl-is-wrong" : ""}`, "aria-disabled": done ? "true" : null,
          onclick: () => answer(choice, question),
        },
        h("kbd", { "aria-hidden": "true" }, i + 1), h("b", {}, choice.text), h("span", { class: "cl-verdict" }, mark),
      );
    }

    function explained(done, question) {
      const parts = [];
      if (done.right) parts.push(h("p", { class: "cl-verdict" }, say("is_right")));
      else if (done.mistake) {
        parts.push(h("p", { class: "cl-verdict" }, say("named", { given: done.given, name: words[`${done.mistake}_name`] })), h("p", {}, say(done.mistake)));
      } else parts.push(h("p", { class: "cl-verdict" }, say("unnamed", { given: done.given })));
      if (question.kind !== "output" && question.kind !== "pair") parts.push(h("p", {}, say(`check_${question.kind}`, { right: question.right })));
      const axes = question.axes.map((n) => axis(n.input, n.kernel, n.stride, n.padding, n.dilation));
      axes.forEach((a, i) => parts.push(axes.length > 1 ? formula("hw"[i], a) : formula("", a)));
      return parts;
    }

    mount({ model, el, signal }, draw);
    const kept = store.recall();
    if (Array.isArray(kept) && !history().length) choose(model, { history: kept });
  },
};
