// What pages do beyond HTML. Everything works without it.

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});

// A page that comes back from the browser's memory can be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) delete form.dataset.sent;
});

// Cards are moved by hand or by key; the server knows whether there is a way, and says why when there is none.
// It is listened at the document, since a page may be shown anew.
document.documentElement.classList.add("scripted");
let held = null;
const column_at = (event) => held && event.target.closest(".board[data-move] [data-state]");

function move(card, column) {
  const board = card.closest("[data-move]");
  const form = document.createElement("form");
  form.method = "post";
  form.action = board.dataset.move;
  const values = { sag: card.dataset.case, til: column.dataset.state, set: card.dataset.seq,
    key: `${board.dataset.key}-${card.dataset.case}-${column.dataset.state}` };
  for (const [name, value] of Object.entries(values)) {
    const input = document.createElement("input");
    input.type = "hidden"; input.name = name; input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}

const draggable = () => document.querySelectorAll("[data-case]").forEach((card) => { card.draggable = true; });
const over = (column) => document.querySelectorAll(".over").forEach((one) => one.classList.toggle("over", one === column));
draggable();

document.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("[data-case]");
  if (held) event.dataTransfer.setData("text/plain", held.dataset.case);
});
document.addEventListener("dragend", () => { held = null; over(null); });
document.addEventListener("dragover", (event) => {
  const column = column_at(event);
  over(column);
  if (!column) return;
  event.preventDefault();
  column.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const column = column_at(event);
  if (!column) return;
  event.preventDefault();
  if (held.closest("[data-state]") !== column) move(held, column);
});
document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const card = event.target.closest?.("[data-case]");
  if (!step || !event.shiftKey || !card) return;
  const columns = [...card.closest("[data-move]").querySelectorAll("[data-state]")];
  const to = columns[columns.indexOf(card.closest("[data-state]")) + step];
  event.preventDefault();
  if (to) move(card, to);
});

// A page that somebody looks at shows by itself what has changed; nothing that is being written is taken away.
function is_busy(main) {
  const at = document.activeElement;
  return held || main.querySelector("details[open] form, dialog[open]") ||
    (main.contains(at) && at.matches("input:not([type=hidden]), select, textarea"));
}

async function renew(main) {
  const answer = await fetch(location.href, { headers: { "x-live": "1" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
  if (!fresh || is_busy(main)) return;
  const stood = main.contains(document.activeElement) && document.activeElement.getAttribute("href");
  main.replaceChildren(...fresh.childNodes);
  main.dataset.pulse = fresh.dataset.pulse;
  draggable();
  if (stood) main.querySelector(`a[href="${stood.replace(/["\\]/g, "\\$&")}"]`)?.focus();
  document.getElementById("news").textContent = main.dataset.news;
}

function offer(main) {
  if (main.querySelector(".news")) return;
  const line = document.createElement("p");
  line.className = "said news";
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = main.dataset.show;
  line.append(`${main.dataset.news} `, link);
  main.prepend(line);
}

const live = document.querySelector("main[data-live]");
if (live && window.EventSource) {
  const follow = () => {
    const source = new EventSource(`/nyt?om=${encodeURIComponent(live.dataset.live)}&kendt=${live.dataset.pulse}`);
    source.onmessage = (event) => {
      if (event.data === live.dataset.pulse) return;
      if (is_busy(live)) offer(live); else renew(live);
    };
    // A connection that has ended asks again by itself, with what is known by then.
    source.onerror = () => { source.close(); setTimeout(follow, 5000); };
  };
  follow();
}
