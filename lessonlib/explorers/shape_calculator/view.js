// The shape formula with live numbers, the ruler of what its floor drops, and its questions asked backwards. base.js stands in front.

const SIZES = ["input", "kernel", "stride", "padding", "dilation"];
const LETTERS = { input: "I", kernel: "K", stride: "S", padding: "P", dilation: "D" };
const MOST = 16; // answers are looked for up to this number, as geometry.py does
const ASKS = { padding: "padding", stride: "stride", kernel_size: "kernel" };

/** The axes of a state, [height, width]: widths follow heights unless they are set apart. */
export function axesOf(s) {
  const of = (side) => axis(...["input", "kernel", "stride", "padding", "dilation"].map((name) => s[`${name}_${s.apart ? side : "h"}`]));
  return [of("h"), of("w")];
}

/** Which sizes differ between two settings of one axis: [[name, from, to], …]. */
export function changes(before, after) {
  return SIZES.filter((name) => before[name] !== after[name]).map((name) => [name, before[name], after[name]]);
}

/** Why an axis whose sizes changed has the same output as before: the key of a sentence, or "" where nothing changed or the output did. */
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
 * All answers up to MOST to the question for "padding", "stride" or "kernel_size", or why there is none:
 * half: the wanted size is a fraction; odd: what padding has to add is odd; jump: the sizes of two neighbours leave it out;
 * end: even the best (`at`) gives too little; beyond: the first answer (`at`) is larger than MOST; never: no number would do.
 */
export function solutions(ask, a, wanted) {
  const name = ASKS[ask];
  const goal = wantedOf(ask, a, wanted);
  const size = (value) => {
    const sizes = { ...a, [name]: value };
    return axis(sizes.input, sizes.kernel, sizes.stride, sizes.padding, sizes.dilation).output;
  };
  const lowest = name === "padding" ? 0 : 1;
  const answers = [];
  for (let value = lowest; value <= MOST; value++) if (size(value) === goal) answers.push(value);
  const found = { answers, goal, why: "" };
  if (answers.length) return found;
  if (!Number.isInteger(goal)) return { ...found, why: "half", near: [Math.floor(goal), Math.ceil(goal)].map((one) => ({ goal: one, answers: nearby(one) })) };
  function nearby(one) {
    return Array.from({ length: MOST }, (_, i) => i + 1).filter((value) => size(value) === one);
  }
  // Sizes rise with P and fall with S and K: look for the place where they pass the goal.
  const rising = name === "padding";
  const passed = (value) => (rising ? size(value) > goal : size(value) < goal);
  if (passed(lowest)) return { ...found, why: "end", at: lowest, size: size(lowest) };
  let at = lowest;
  while (!passed(at) && size(at) !== goal && at < 4000) at++;
  if (size(at) === goal) return { ...found, why: "beyond", at };
  if (!passed(at)) return { ...found, why: "never", at: MOST, size: size(MOST) };
  if (rising && a.stride === 1) return { ...found, why: "odd", at: at - 1, size: size(at - 1), next: size(at), gap: a.effective - 1 };
  return { ...found, why: "jump", at: at - 1, size: size(at - 1), next: size(at) };
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
  const [h, w] = axesOf(s);
  const pair = (name) => (h[name] === w[name] ? `${h[name]}` : `(${h[name]}, ${w[name]})`);
  const more = [["stride", 1], ["padding", 0], ["dilation", 1]].filter(([name, usual]) => h[name] !== usual || w[name] !== usual);
  return `nn.Conv2d(${[s.in_channels, s.out_channels, pair("kernel"), ...more.map(([name]) => `${name}=${pair(name)}`)].join(", ")})`;
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

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (key, values) => fill(words[key] ?? key, values);
    const NAMES = [...SIZES.flatMap((name) => [`${name}_h`, `${name}_w`]), "apart", "batch_size", "in_channels", "out_channels", "ask", "wanted"];
    const state = () => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
    const set = (given) => choose(model, given);
    const svg = (tag, attributes = {}) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      return element;
    };
    let trace = []; // the last settings, [height, width] each
    let width = 0;

    // --- Choices
    const apart = checkbox(say("apart"), (on) =>
      set(on ? { apart: on, ...Object.fromEntries(SIZES.map((name) => [`${name}_w`, model.get(`${name}_h`)])) } : { apart: on }));
    const large = checkbox(say("large"), (on) => set({ large: on }));
    const reset = button(say("reset"), "↺ " + say("reset"), () => set(model.get("origin")));
    const bar = h("div", { class: "cl-bar", role: "group", "aria-label": say("choices") }, apart.element, large.element, reset);

    // --- One axis: formula, ruler, what is left over
    const axisBlocks = ["h", "w"].map((side) => {
      const number = () => h("b", {});
      const numbers = Object.fromEntries(["O", "I", "P", "D", "K", "S", "before", "after"].map((name) => [name, number()]));
      const term = (symbol) => {
        const sub = h("sub", {});
        return { element: h("span", { class: "cl-term", "data-symbol": symbol }, h("i", {}, symbol, sub), numbers[symbol]), sub };
      };
      const terms = Object.fromEntries(["O", "I", "P", "D", "K", "S"].map((symbol) => [symbol, term(symbol)]));
      const op = (text) => h("span", { class: "cl-op" }, text);
      const top = h("span", { class: "cl-over" }, terms.I.element, op("+ 2·"), terms.P.element, op("−"), terms.D.element, op("·("), terms.K.element, op("− 1) − 1"));
      const fraction = h("span", { class: "cl-fraction" }, top, h("span", { class: "cl-under" }, terms.S.element));
      const equalsSign = op("=");
      const line = h("div", { class: "cl-formula", role: "group", "aria-label": say("formula") },
        h("span", { class: "cl-whole" }, terms.O.element, op("="), h("span", { class: "cl-floor" }, "⌊"), fraction, op("+ 1"), h("span", { class: "cl-floor" }, "⌋")),
        h("span", { class: "cl-values" }, op("= ⌊"), numbers.before, op("⌋"), equalsSign, numbers.after));
      const steps = h("div", { class: "cl-steps" });
      const picture = svg("svg", { class: "cl-ruler", role: "img" });
      const layers = Object.fromEntries(["cells", "pads", "hatch", "missed", "spans", "taps", "next", "stripe"].map((name) => [name, svg("path", { class: `cl-r-${name}` })]));
      const [labels, counts] = [svg("g", { class: "cl-r-labels" }), svg("g", { class: "cl-r-counts" })];
      picture.append(layers.cells, layers.pads, layers.hatch, layers.taps, layers.spans, layers.next, layers.missed, labels, counts);
      const sentence = h("div", { class: "cl-said" });
      const head = h("div", { class: "cl-caption" }, say(`axis_${side}`));
      const element = h("div", { class: "cl-axis", role: "group", "aria-label": say(`axis_${side}`) }, head, line, steps, picture, sentence);
      return { side, element, head, terms, numbers, steps, picture, layers, labels, counts, sentence, shown: "" };
    });
    const axisBox = h("div", { class: "cl-axes" }, ...axisBlocks.map((one) => one.element));

    // --- What the last change did
    const message = h("div", { class: "cl-message", role: "alert", hidden: true });
    const change = h("div", { class: "cl-change" });
    const live = h("div", { class: "cl-unseen", "aria-live": "polite" });

    // --- The last settings
    const traceBody = h("tbody", {});
    const columns = ["I", "P", "D", "K", "S"];
    const traceTable = h("table", { class: "cl-settings" }, h("caption", {}, say("trace")),
      h("thead", {}, h("tr", {}, ...columns.map((name) => h("th", { scope: "col" }, name)), h("th", { scope: "col", class: "cl-fraction-column" }, say("before_floor")), h("th", { scope: "col" }, "O"))), traceBody);
    const clear = button(say("trace_clear"), say("trace_clear"), () => {
      trace = trace.slice(-1);
      drawTrace();
    });

    // --- Backwards
    const asks = select(say("ask"), Object.keys(ASKS).map((name) => [name, say(`ask_${name}`)]), (ask) => set({ ask }));
    const wanted = h("input", { type: "number", class: "cl-entry cl-goal", min: 1, max: 300, step: 1, "aria-label": say("wanted"), onchange: () => {
      const value = Number(wanted.value);
      if (Number.isInteger(value) && value >= 1 && value <= 300) set({ wanted: value });
      else wanted.value = model.get("wanted");
    } });
    // JupyterLab's own keys stay out of a field.
    wanted.addEventListener("keydown", (event) => event.stopPropagation());
    const wantedLabel = h("label", { class: "cl-choice" }, h("span", {}, "O ="), wanted);
    const answerBoxes = ["h", "w"].map(() => h("div", { class: "cl-answers" }));
    const backwards = h("div", { class: "cl-backwards", role: "group", "aria-label": say("ask") }, h("div", { class: "cl-bar" }, asks.element, wantedLabel), ...answerBoxes);

    const line = codeLine(words, say("code"));
    const shapes = h("div", { class: "cl-shapes" });
    const past = h("div", { class: "cl-past" }, traceTable, clear);
    el.replaceChildren(bar, axisBox, message, change, live, line.element, shapes, h("div", { class: "cl-both-ways" }, past, backwards));

    const axisName = (i) => say(i ? "axis_w" : "axis_h");
    const sizesText = (list) => list.map(([name, from, to]) => `${LETTERS[name]} ${from} → ${to}`).join(", ");

    // --- Showing it all
    function draw() {
      const s = state();
      const both = axesOf(s);
      const last = trace.at(-1);
      if (!last || both.some((a, i) => changes(last.both[i], a).length) || last.apart !== s.apart) {
        trace = [...trace, { both, apart: s.apart }].slice(-6);
        drawTrace();
      }
      apart.set(s.apart);
      large.set(model.get("large"));
      axisBlocks[1].element.hidden = !s.apart;
      axisBlocks[0].head.hidden = !s.apart;
      axisBlocks.forEach((block, i) => (i === 0 || s.apart) && drawAxis(block, both[i], s.apart));
      const broken = both.findIndex((a) => a.output === 0);
      message.hidden = broken < 0;
      setText(message, broken < 0 ? "" : none(both[broken]));
      drawChange(s, both);
      line.set(layerCode(s));
      const { input, weight, output } = shapesOf(s);
      const tuple = (shape) => (shape ? `(${shape.join(", ")})` : "–");
      setText(shapes, `(N, C, H, W): ${tuple(input)} → ${tuple(output)} · ${say("weight")} ${tuple(weight)}`);
      drawAnswers(s, both);
    }

    function none(a) {
      return say(a.dilation === 1 ? "none" : "none_dilated", { span: a.effective, padded: a.padded, kernel: a.kernel, dilation: a.dilation, smallest: a.padding + Math.ceil((a.effective - a.padded) / 2) });
    }

    function drawAxis(block, a, named) {
      const { numbers, terms, layers, picture } = block;
      const live_ = { O: a.output || "–", I: a.input, P: a.padding, D: a.dilation, K: a.kernel, S: a.stride };
      for (const [symbol, value] of Object.entries(live_)) {
        setText(numbers[symbol], String(value));
        setText(terms[symbol].sub, named ? block.side : "");
      }
      setText(numbers.before, format(a.before));
      setText(numbers.after, a.output ? String(a.output) : "–");
      const room = a.padded - a.effective;
      setText(block.steps, a.output
        ? say("steps", { dilation: a.dilation, kernel: a.kernel, span: a.effective, input: a.input, padding: a.padding, padded: a.padded, room, stride: a.stride, equals: equals(a.before), before: format(a.before), output: a.output })
        : say("steps_none", { dilation: a.dilation, kernel: a.kernel, span: a.effective, input: a.input, padding: a.padding, padded: a.padded }));
      const text = described(a);
      setText(block.sentence, a.output ? text : ""); // what does not fit stands in the message
      const label = say("ruler", { padded: a.padded, windows: a.output, span: a.effective }) + " " + text;
      if (picture.getAttribute("aria-label") !== label) picture.setAttribute("aria-label", label);
      drawRuler(block, a);
    }

    function described(a) {
      if (!a.output) return none(a);
      const last = a.starts.at(-1);
      const parts = [say("last_window", { start: last, end: last + a.effective - 1, edge: a.padded - 1 })];
      const beyond = a.unreached.filter((cell) => cell >= last + a.effective);
      const between = a.unreached.filter((cell) => cell < last + a.effective);
      if (beyond.length) parts.push(say("left_over", { count: beyond.length, list: listed(beyond) }));
      if (between.length) parts.push(say("skipped", { count: between.length, list: listed(between) }));
      if (!a.unreached.length) parts.push(say("all_read"));
      else if (a.padding && a.unreached.every((cell) => cell < a.padding || cell >= a.padding + a.input)) parts.push(say("only_padding"));
      return parts.join(" ");
    }

    /** Everything of one colour is one path; lengths in pixels. */
    function drawRuler(block, a) {
      const { picture, layers, labels, counts } = block;
      const em = parseFloat(getComputedStyle(el).fontSize) || 16;
      const room = width || 900;
      const key = JSON.stringify([a.input, a.kernel, a.stride, a.padding, a.dilation, room, em]);
      if (key === block.shown) return;
      block.shown = key;
      const { lanes, bars, next, extent } = ruler(a);
      const cell = Math.min((room - 4) / extent, 2.4 * em);
      const lane = Math.max(3, Math.min(1.25 * em, (9 * em) / lanes));
      const all = lanes * lane;
      const high = Math.min(2 * em, Math.max(cell, 1.1 * em));
      const top = all + 4;
      const x = (at) => (1 + at * cell).toFixed(1);
      const box = (left, up, cells, tall) => `M${x(left)} ${up.toFixed(1)}h${(cells * cell).toFixed(1)}v${tall.toFixed(1)}h${(-cells * cell).toFixed(1)}z`;
      const inside = (at) => at >= a.padding && at < a.padding + a.input;
      const every = Array.from({ length: a.padded }, (_, i) => i);
      const [wide, tall] = [Math.ceil(extent * cell + 3), Math.ceil(top + high + 3)];
      picture.setAttribute("viewBox", `0 0 ${wide} ${tall}`);
      picture.setAttribute("width", wide);
      picture.setAttribute("height", tall);
      layers.cells.setAttribute("d", every.filter(inside).map((at) => box(at, top, 1, high)).join(""));
      layers.pads.setAttribute("d", every.filter((at) => !inside(at)).map((at) => box(at, top, 1, high)).join(""));
      const stroke = (at, gap, turn) => {
        // Slanted lines within one cell: the hatch of padding and, the other way, of what no window reads.
        const parts = [];
        for (let d = gap / 2; d < cell + high; d += gap) {
          const [x1, y1] = d < high ? [0, d] : [d - high, high];
          const [x2, y2] = d < cell ? [d, 0] : [cell, d - cell];
          const at_ = (value) => (1 + at * cell + (turn ? cell - value : value)).toFixed(1);
          parts.push(`M${at_(x1)} ${(top + y1).toFixed(1)}L${at_(x2)} ${(top + y2).toFixed(1)}`);
        }
        return parts.join("");
      };
      layers.hatch.setAttribute("d", every.filter((at) => !inside(at)).map((at) => stroke(at, 8, false)).join(""));
      layers.missed.setAttribute("d", a.unreached.map((at) => stroke(at, 5, true) + box(at, top, 1, high)).join(""));
      const thick = Math.max(lane - 3, 2);
      const up = (number) => number * lane;
      const tap = ({ start, lane: row }) => Array.from({ length: a.kernel }, (_, k) => box(start + k * a.dilation, up(row), 1, thick)).join("");
      layers.taps.setAttribute("d", bars.map(tap).join(""));
      layers.spans.setAttribute("d", bars.map(({ start, lane: row }) => box(start, up(row), a.effective, thick)).join(""));
      layers.next.setAttribute("d", a.output ? (next ? box(next.start, up(next.lane), a.effective, thick) : "") : box(0, 0, a.effective, thick));
      // Numbers where they fit; otherwise every fifth, tenth, … cell.
      const size = Math.min(0.85 * em, Math.max(0.62 * em, cell * 0.62));
      const digits = String(a.padded - 1).length;
      const step = [1, 2, 5, 10, 20, 50, 100].find((n) => n * cell > size * (0.62 * digits + 0.35)) ?? 100;
      const missed = new Set(a.unreached);
      const text = (at, y, content, looks) => [{ x: x(at), y: y.toFixed(1), class: looks, "font-size": size.toFixed(1) }, String(content)];
      write(labels, every.filter((at) => at % step === 0).map((at) => text(at + 0.5, top + high / 2, at, missed.has(at) ? "cl-r-missed-number" : inside(at) ? "" : "cl-r-pad-number")));
      const shows = thick >= size * 0.95 && a.effective * cell > size * 2;
      write(counts, shows ? bars.map(({ start, lane: row }, i) => text(start + a.effective / 2, up(row) + thick / 2, `O${subscript(i)}`, "cl-r-window")) : []);
    }

    /** Texts in a group, [attributes, content] each; those that stand there already are moved, and only where they differ. */
    function write(group, texts) {
      while (group.childNodes.length > texts.length) group.lastChild.remove();
      texts.forEach(([attributes, content], i) => {
        const element = group.childNodes[i] ?? group.appendChild(svg("text"));
        for (const [name, value] of Object.entries(attributes)) if (element.getAttribute(name) !== value) element.setAttribute(name, value);
        setText(element, content);
      });
    }

    const subscript = (number) => String(number).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

    /** What the last change did to O, and where it did nothing, why. */
    function drawChange(s, both) {
      const parts = [];
      const before = trace.at(-2);
      if (before && !(before.apart !== s.apart)) {
        both.forEach((a, i) => {
          if (i && !s.apart) return;
          const changed = changes(before.both[i], a);
          if (!changed.length) return;
          const name = s.apart ? `${axisName(i)}: ` : "";
          const from = before.both[i];
          const reason = why(from, a);
          const values = { changed: sizesText(changed), from: from.output || "–", to: a.output || "–", before: format(from.before), after: format(a.before), output: a.output, span: a.effective, padded: a.padded };
          parts.push(name + say(reason || "changed", values));
        });
      }
      const text = parts.join(" ") || say("change_nothing");
      change.classList.toggle("cl-still", parts.length > 0 && both.some((a, i) => before && why(before.both[i], a)));
      setText(change, text);
      const said = both.filter((_, i) => i === 0 || s.apart).map((a) => (a.output ? a.output : none(a))).join(" × ");
      setText(live, parts.length ? `${text} O = ${said}` : `O = ${said}`);
    }

    function drawTrace() {
      const text = (one, of) => (one.apart ? `${of(one.both[0])}×${of(one.both[1])}` : `${of(one.both[0])}`);
      const fields = [...["input", "padding", "dilation", "kernel", "stride"].map((name) => (a) => a[name]), (a) => format(a.before), (a) => a.output || "–"];
      traceBody.replaceChildren(...trace.map((one, row) =>
        h("tr", { class: row === trace.length - 1 ? "cl-last" : null }, ...fields.map((of, column) => {
          const shown = text(one, of);
          const different = row > 0 && text(trace[row - 1], of) !== shown;
          const looks = [different && "cl-moved", different && column > 4 && "cl-out", column === 5 && "cl-fraction-column"].filter(Boolean).join(" ");
          return h("td", { class: looks || null }, shown);
        }))));
      clear.disabled = trace.length < 2;
    }

    function drawAnswers(s, both) {
      asks.set(s.ask);
      wantedLabel.hidden = s.ask !== "kernel_size";
      if (wanted !== document.activeElement) wanted.value = s.wanted;
      answerBoxes[1].hidden = !s.apart;
      both.forEach((a, i) => {
        if (i && !s.apart) return;
        const box = answerBoxes[i];
        const found = solutions(s.ask, a, s.wanted);
        const key = JSON.stringify([s.ask, found, s.apart, a.stride]);
        if (box.key === key) return;
        box.key = key;
        const letter = LETTERS[ASKS[s.ask]];
        const name = s.apart ? `${axisName(i)}: ` : "";
        if (!found.answers.length) return box.replaceChildren(name + noAnswer(found, a, letter));
        const put = (value) => button(say("put_in", { letter, value }), `${letter} = ${value}`, () => set({ [`${ASKS[s.ask]}_${i ? "w" : "h"}`]: value }));
        box.replaceChildren(name + say("answers", { goal: found.goal }) + " ", ...found.answers.map(put), ...(found.answers.at(-1) === MOST ? [h("span", { class: "cl-note" }, say("up_to", { most: MOST }))] : []));
      });
    }

    function noAnswer(found, a, letter) {
      const values = { letter, goal: format(found.goal), most: MOST, size: found.size || say("no_output"), at: found.at, next: found.next || say("no_output"), after: found.at + 1, input: a.input, gap: found.gap };
      if (found.why !== "half") return say(`no_${found.why}`, values);
      const near = found.near.filter(({ answers }) => answers.length).map(({ goal, answers }) => say("near", { goal, list: answers.map((one) => `${letter} = ${one}`).join(", ") }));
      return [say("no_half", values), ...near].join(" ");
    }

    const resized = new ResizeObserver(([{ contentRect }]) => {
      if (Math.abs(contentRect.width - width) < 1) return;
      width = Math.floor(contentRect.width);
      draw();
    });
    resized.observe(axisBox);
    signal?.addEventListener("abort", () => resized.disconnect());

    mount({ model, el, signal }, draw, (trait) => trait.endsWith("_w") && !model.get("apart"));
  },
};
