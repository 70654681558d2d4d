// What the editor of a workflow does beyond a text area: line numbers with marks where something is wrong, indentation,
// what the checker says while somebody writes, and a hold played without leaving the text. All of it works without.

const form = document.querySelector("form.editor");
const text = form.elements.yaml;
const problems = document.getElementById("problems");
const tried = document.getElementById("tried");
const INDENT = "  ";
const PAUSE_MS = 400;

// Line numbers beside the text, in the same lines; whoever listens to the page is told lines by the problems.
const gutter = document.createElement("div");
gutter.className = "gutter";
gutter.setAttribute("aria-hidden", "true");
text.before(gutter);

/** So many lines, and a mark at each in which something is wrong. */
function number() {
  const marks = new Map();
  for (const one of problems.querySelectorAll("[data-line]")) {
    const known = marks.get(one.dataset.line);
    marks.set(one.dataset.line, known === "error" ? known : one.className);
  }
  const count = text.value.split("\n").length;
  const lines = document.createDocumentFragment();
  for (let line = 1; line <= count; line += 1) {
    const shown = document.createElement("div");
    shown.textContent = line;
    shown.className = marks.get(String(line)) ?? "";
    lines.append(shown);
  }
  gutter.replaceChildren(lines);
  gutter.scrollTop = text.scrollTop;
}
text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; });

/** Where a line begins, from 1. */
function begins(line) {
  let at = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const end = text.value.indexOf("\n", at);
    if (end < 0) return at;
    at = end + 1;
  }
  return at;
}

/** Puts the caret at a line and character, both from 1, and shows it. */
function goTo(line, column) {
  // Characters are counted as people see them, places in the text as the browser does.
  const rest = text.value.slice(begins(line)).split("\n", 1)[0];
  const before = [...rest].slice(0, column - 1).join("").length;
  const at = begins(line) + before;
  text.focus();
  text.setSelectionRange(at, at);
  const height = parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, (line - 5) * height);
}
problems.addEventListener("click", (event) => {
  const one = event.target.closest("a")?.closest("[data-line]");
  if (!one) return;
  event.preventDefault();
  goTo(Number(one.dataset.line), Number(one.dataset.column));
});

/** Writes as somebody would, so that it can be taken back with Ctrl+Z. */
function write(from, to, words) {
  text.setSelectionRange(from, to);
  const command = words === "" ? "delete" : "insertText";
  if (!document.execCommand(command, false, words)) {
    text.setRangeText(words, from, to, "end");
    text.dispatchEvent(new Event("input"));
  }
}

/** The lines of the selection with their indentation changed. */
function indent(out) {
  const { selectionStart: from, selectionEnd: to, value } = text;
  if (from === to && !out) return write(from, to, INDENT);
  const first = value.lastIndexOf("\n", from - 1) + 1;
  const last = to > from && value[to - 1] === "\n" ? to - 1 : to;
  const end = value.indexOf("\n", last) < 0 ? value.length : value.indexOf("\n", last);
  const lines = value.slice(first, end).split("\n");
  const changed = lines.map((line) => (out ? line.replace(/^ {1,2}/, "") : line && INDENT + line)).join("\n");
  if (changed === value.slice(first, end)) return undefined;
  write(first, end, changed);
  return text.setSelectionRange(first, first + changed.length);
}

// Tab belongs to the text until Esc gives it back to the page; what is pressed next takes it again.
let leaves = false;
document.getElementById("keys").hidden = false;
text.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    leaves = true;
  } else if (event.key === "Tab" && !leaves && !event.ctrlKey && !event.altKey && !event.metaKey) {
    event.preventDefault();
    indent(event.shiftKey);
  } else if (event.key === "Enter" && !event.ctrlKey && !event.isComposing) {
    const line = text.value.slice(text.value.lastIndexOf("\n", text.selectionStart - 1) + 1, text.selectionStart);
    event.preventDefault();
    write(text.selectionStart, text.selectionEnd, `\n${line.match(/^ */)[0]}`);
  } else if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[value=keep]"));
  } else if (event.key !== "Shift" && event.key !== "Tab") {
    leaves = false;
  }
});
text.addEventListener("blur", () => { leaves = false; });

/** What the server answers to what stands in the form; nothing when it cannot be asked. */
async function ask(where, fields, signal) {
  try {
    const answer = await fetch(where, { method: "POST", body: new URLSearchParams(fields), signal });
    return answer.status === 200 || answer.status === 422 ? await answer.text() : undefined;
  } catch {
    return undefined;
  }
}

// The checker is asked when somebody pauses; an answer to a text that has changed meanwhile is not waited for.
let asking;
let pause;
async function check() {
  asking?.abort();
  asking = new AbortController();
  const answer = await ask(form.dataset.check, { yaml: text.value }, asking.signal);
  if (answer === undefined) return;
  problems.innerHTML = answer;
  number();
}

const kept = text.value;
text.addEventListener("input", () => {
  number();
  clearTimeout(pause);
  pause = setTimeout(check, PAUSE_MS);
});
let sending = false;
addEventListener("beforeunload", (event) => {
  if (!sending && text.value !== kept) event.preventDefault();
});

// A hold is played beside the text.
form.addEventListener("submit", async (event) => {
  const what = event.submitter?.value;
  if (what !== "try" && what !== "check") {
    sending = true;
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  if (what === "check") {
    await check();
    return;
  }
  event.submitter.disabled = true;
  tried.setAttribute("aria-busy", "true");
  const fields = new FormData(form);
  fields.set("do", "try");
  const answer = await ask(form.action, fields);
  if (answer !== undefined) {
    const page = new DOMParser().parseFromString(answer, "text/html");
    const said = page.querySelector(".said[role=alert]");
    tried.replaceChildren(...(said ? [said] : page.getElementById("tried").childNodes));
  }
  tried.removeAttribute("aria-busy");
  event.submitter.disabled = false;
  event.submitter.focus();
});

number();
check();
