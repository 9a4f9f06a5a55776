// Commit to an answer first, then read why: the explanation of what was chosen, and of what is right.

/** What Python sealed: the choices with their explanations. Not secret, only not in plain sight. */
export function unseal(text) {
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))));
}

/** The choice that an answer is: its own text, or a number equal to it up to two decimals. Null: none of them. */
export function judge(choices, answer) {
  const number = parse(answer);
  const isSame = ({ text }) => text === answer || Math.abs(parse(text) - number) <= (Number.isInteger(number) && Number.isInteger(parse(text)) ? 1e-6 : 0.0051);
  return choices.find(isSame) ?? null;
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

/** A line of Markdown as [{ tag, text }]: code, strong, em and plain text ("" as its tag). */
export function spans(text) {
  const found = [];
  for (const [, code, strong, em, plain] of text.matchAll(/`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])\*([^*\s][^*]*)\*|((?:(?!`[^`]+`|\*\*[^*]+\*\*|(?<![\w*])\*[^*\s][^*]*\*)[\s\S])+)/g)) {
    if (code !== undefined) found.push({ tag: "code", text: code });
    else if (strong !== undefined) found.push({ tag: "strong", text: strong });
    else if (em !== undefined) found.push({ tag: "em", text: em });
    else found.push({ tag: "", text: plain });
  }
  return found;
}

function line(text) {
  return spans(text).map(({ tag, text: part }) => (tag === "strong" ? h(tag, {}, ...line(part)) : tag ? h(tag, {}, part) : part));
}

function rendered(markdown) {
  return blocks(markdown).map(({ tag, text, items }) => {
    if (tag === "pre") return h("pre", {}, h("code", {}, text));
    if (tag === "ul") return h("ul", {}, ...items.map((item) => h("li", {}, ...line(item))));
    return h("p", {}, ...line(text));
  });
}

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (name, values) => fill(words[name], values);
    const choices = unseal(model.get("sealed"));
    const store = memory(`predict/${model.get("question")}/${model.get("sealed").slice(-24)}`);
    const typed = model.get("typed");

    const fields = typed
      ? [h("input", { class: "cl-entry", inputmode: "decimal", autocomplete: "off", size: 10, "aria-label": say("number_label"), oninput: () => field().setCustomValidity("") })]
      : model.get("options").map((value) => h("input", { type: "radio", name: "answer", value, onchange: () => (commit.disabled = false) }));
    const field = () => fields[0];
    const marks = fields.map(() => h("span", { class: "cl-verdict" }));
    const rows = fields.map((input, i) =>
      typed ? h("label", {}, input, marks[i]) : h("label", { class: "cl-option" }, input, h("span", {}, ...line(input.value), " ", marks[i])),
    );
    const legend = h("legend", {}, h("span", { class: "cl-badge" }, say("badge")), h("div", { class: "cl-text" }, ...rendered(model.get("statement"))));
    const commit = h("button", { type: "submit", class: "cl-button", disabled: !typed }, say("commit"));
    const again = button(say("again"), say("again"), () => {
      store.forget();
      choose(model, { answer: "" });
      for (const input of fields) typed ? (input.value = "") : (input.checked = false);
      fields[0].focus();
    });
    const result = h("div", { class: "cl-result", role: "status", tabindex: -1 });
    const form = h("form", { class: "cl-predict", novalidate: true, onsubmit: (event) => submit(event) },
      h("fieldset", {}, legend, ...rows), h("div", { class: "cl-bar" }, commit), result);
    // JupyterLab has keys of its own on the cell around; Shift+Enter and the like stay its.
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" && !event.ctrlKey && !event.metaKey && !(event.shiftKey && event.key === "Enter")) event.stopPropagation();
    });
    el.append(form);

    function submit(event) {
      event.preventDefault();
      const answer = typed ? field().value.trim() : (fields.find((one) => one.checked)?.value ?? "");
      if (!answer) return;
      if (typed && !Number.isFinite(parse(answer))) {
        field().setCustomValidity(say("not_a_number", { text: answer }));
        return field().reportValidity();
      }
      store.keep(answer);
      choose(model, { answer });
      // Once, when it is answered: the next thing to read.
      queueMicrotask(() => result.focus({ preventScroll: true }));
    }

    let drawn = null;
    function draw() {
      const answer = model.get("answer");
      // The kernel has noted it; without one the page remembers.
      if (answer && model.get("recorded") === answer) store.forget();
      if (answer === drawn) return;
      drawn = answer;
      const given = answer ? judge(choices, answer) : null;
      const right = choices.find((one) => one.right);
      fields.forEach((input, i) => {
        const chosen = answer !== "" && (typed || input.value === answer);
        const isRight = answer !== "" && (typed ? Boolean(given?.right) : input.value === right.text);
        if (typed && answer) input.value = answer;
        if (!typed) input.checked = chosen;
        input.disabled = answer !== "";
        rows[i].classList.toggle("cl-is-right", isRight);
        rows[i].classList.toggle("cl-is-wrong", chosen && !isRight);
        setText(marks[i], isRight ? say(chosen ? "mark_yours_right" : "mark_right") : chosen ? say("mark_yours") : "");
      });
      commit.hidden = answer !== "";
      commit.disabled = !typed;
      result.hidden = answer === "";
      setChildren(result, answer ? explained(answer, given, right) : []);
    }

    function explained(answer, given, right) {
      const because = (title, text, good) =>
        h("div", { class: `cl-because ${good ? "cl-is-right" : ""}` }, h("strong", {}, title), h("div", { class: "cl-text" }, ...rendered(text)));
      const parts = [];
      if (!given?.right) {
        const title = given ? say("why_yours_named", { answer, name: given.name }) : say("why_yours", { answer });
        parts.push(because(title, given ? given.explanation : say("unknown"), false));
      }
      parts.push(because(say(given?.right ? "why_right" : "right_is", { answer: right.text }), right.explanation, true));
      return [...parts, h("div", { class: "cl-bar" }, again)];
    }

    mount({ model, el, signal }, draw);
    const kept = store.recall();
    if (kept && !model.get("answer")) choose(model, { answer: kept });
  },
};
