// Commit to an answer first, then read why: the explanation of what was chosen, and of what is right.

import { button, complainAt, h, memory, numberField, setChildren, setText } from "../../kit/page.js";
import { View } from "../../kit/view.js";
import { parse } from "../../kit/words.js";

/** What Python sealed: the choices with their explanations. Not secret, only not in plain sight. */
export function unseal(text) {
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))));
}

/** The choice that an answer is: its own text, or a number equal to it up to two decimals. Null: none of them. */
export function judge(choices, answer) {
  const number = parse(answer);
  const near = (own) => Math.abs(own - number) <= (Number.isInteger(number) && Number.isInteger(own) ? 1e-6 : 0.0051);
  return choices.find(({ text }) => text === answer || near(parse(text))) ?? null;
}

/** The little Markdown that questions use, as [{ tag, text | items }]: paragraphs, lists, fenced code. */
export function blocks(markdown) {
  const found = [];
  for (const [, code, rest] of markdown.matchAll(/```\w*\n([\s\S]*?)\n?```|((?:(?!```)[\s\S])+)/g)) {
    if (code !== undefined) found.push({ tag: "pre", text: code });
    else for (const part of rest.split(/\n{2,}/).map((one) => one.trim()).filter(Boolean)) {
      const lines = part.split("\n");
      const start = lines.findIndex((line) => /^[-*] /.test(line));
      const before = (start < 0 ? lines : lines.slice(0, start)).join(" ");
      if (before) found.push({ tag: "p", text: before });
      if (start >= 0) found.push({ tag: "ul", items: lines.slice(start).map((line) => line.replace(/^[-*] /, "")) });
    }
  }
  return found;
}

const MARKED = [/`([^`]+)`/, /\*\*([^*]+)\*\*/, /(?<![\w*])\*([^*\s][^*]*)\*/];
const SPANS = new RegExp(`${MARKED.map((one) => one.source).join("|")}|((?:(?!${
  MARKED.map((one) => one.source.replace(/\((?!\?)/g, "(?:")).join("|")})[\\s\\S])+)`, "g");

/** A line of Markdown as [{ tag, text }]: code, strong, em and plain text ("" as its tag). */
export function spans(text) {
  const tags = ["code", "strong", "em", ""];
  return [...text.matchAll(SPANS)].map(([, ...parts]) => {
    const kind = parts.findIndex((part) => part !== undefined);
    return { tag: tags[kind], text: parts[kind] };
  });
}

function line(text) {
  return spans(text).map(({ tag, text: part }) =>
    (tag ? h(tag, {}, ...(tag === "strong" ? line(part) : [part])) : part));
}

function rendered(markdown) {
  return blocks(markdown).map(({ tag, text, items }) => {
    if (tag === "pre") return h("pre", {}, h("code", {}, text));
    if (tag === "ul") return h("ul", {}, ...items.map((item) => h("li", {}, ...line(item))));
    return h("p", {}, ...line(text));
  });
}

class Predict extends View {
  static traits = ["question", "statement", "options", "sealed", "typed", "answer", "recorded"];

  build() {
    const { typed, sealed, question, statement, options } = this.state();
    this.choicesGiven = unseal(sealed);
    this.store = memory(`predict/${question}/${sealed.slice(-24)}`);
    this.drawn = null;
    this.fields = typed ? [this.numberField()] : options.map((value) => this.radio(value));
    this.marks = this.fields.map(() => h("span", { class: "cl-verdict" }));
    this.rows = this.fields.map((input, i) => this.row(input, this.marks[i], typed));
    const badge = h("span", { class: "cl-badge" }, this.say("badge"));
    const legend = h("legend", {}, badge, h("div", { class: "cl-text" }, ...rendered(statement)));
    this.commit = h("button", { type: "submit", class: "cl-button", disabled: !typed }, this.say("commit"));
    this.again = button(this.say("again"), this.say("again"), () => this.askAgain());
    this.result = h("div", { class: "cl-explained", role: "status", tabindex: -1 });
    const form = h("form", {
      class: "cl-prediction", novalidate: true, onsubmit: (event) => this.submit(event),
      onkeydown: (event) => {
        // JupyterLab has keys of its own on the cell around; Shift+Enter and the like stay its.
        const its = event.key === "Escape" || event.ctrlKey || event.metaKey
          || (event.shiftKey && event.key === "Enter");
        if (!its) event.stopPropagation();
      },
    }, h("fieldset", {}, legend, ...this.rows), h("div", { class: "cl-bar" }, this.commit), this.result);
    const kept = this.store.recall();
    if (kept && !this.get("answer")) this.set({ answer: kept });
    return [form];
  }

  numberField() {
    const label = this.say("number_label");
    const oninput = (event) => event.target.setCustomValidity("");
    return numberField({ class: "cl-entry", size: 10, "aria-label": label, oninput });
  }

  radio(value) {
    return h("input", { type: "radio", name: "answer", value, onchange: () => (this.commit.disabled = false) });
  }

  row(input, mark, typed) {
    if (typed) return h("label", {}, input, mark);
    return h("label", { class: "cl-option" }, input, h("span", {}, ...line(input.value), " ", mark));
  }

  askAgain() {
    this.store.forget();
    this.set({ answer: "" });
    for (const input of this.fields) {
      if (this.get("typed")) input.value = "";
      else input.checked = false;
    }
    this.fields[0].focus();
  }

  submit(event) {
    event.preventDefault();
    const typed = this.get("typed");
    const answer = typed ? this.fields[0].value.trim() : (this.fields.find((one) => one.checked)?.value ?? "");
    if (!answer) return;
    if (typed && !Number.isFinite(parse(answer))) {
      return complainAt(this.fields[0], this.words.not_a_number, { text: answer });
    }
    this.store.keep(answer);
    this.set({ answer });
    // Once, when it is answered: the next thing to read.
    queueMicrotask(() => this.result.focus({ preventScroll: true }));
  }

  draw({ answer, recorded, typed }) {
    // The kernel has noted it; without one the page remembers.
    if (answer && recorded === answer) this.store.forget();
    if (answer === this.drawn) return;
    this.drawn = answer;
    const given = answer ? judge(this.choicesGiven, answer) : null;
    const right = this.choicesGiven.find((one) => one.right);
    this.fields.forEach((input, i) => {
      const chosen = answer !== "" && (typed || input.value === answer);
      const isRight = answer !== "" && (typed ? Boolean(given?.right) : input.value === right.text);
      if (typed && answer) input.value = answer;
      if (!typed) input.checked = chosen;
      input.disabled = answer !== "";
      this.rows[i].classList.toggle("cl-is-right", isRight);
      this.rows[i].classList.toggle("cl-is-wrong", chosen && !isRight);
      const mark = isRight ? (chosen ? "mark_yours_right" : "mark_right") : chosen ? "mark_yours" : "";
      setText(this.marks[i], mark && this.say(mark));
    });
    this.commit.hidden = answer !== "";
    this.commit.disabled = !typed;
    this.result.hidden = answer === "";
    setChildren(this.result, answer ? this.explained(answer, given, right) : []);
  }

  explained(answer, given, right) {
    const because = (title, text, good) => h("div", { class: good ? "cl-because cl-is-right" : "cl-because" },
      h("strong", {}, title), h("div", { class: "cl-text" }, ...rendered(text)));
    const parts = [];
    if (!given?.right) {
      const title = given ? this.say("why_yours_named", { answer, name: given.name })
        : this.say("why_yours", { answer });
      parts.push(because(title, given ? given.explanation : this.say("unknown"), false));
    }
    parts.push(because(this.say(given?.right ? "why_right" : "right_is", { answer: right.text }), right.explanation,
      true));
    return [...parts, h("div", { class: "cl-bar" }, this.again)];
  }
}

export default Predict.open("predict");
