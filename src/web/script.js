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
document.documentElement.classList.add("scripted");
const board = document.querySelector(".board[data-move]");
if (board) {
  const move = (card, column) => {
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
  };
  let held = null;
  for (const card of board.querySelectorAll("[data-case]")) {
    card.draggable = true;
    card.addEventListener("dragstart", (event) => {
      held = card;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", card.dataset.case);
    });
    card.addEventListener("dragend", () => { held = null; });
    card.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step || !event.shiftKey) return;
      const columns = [...board.querySelectorAll("[data-state]")];
      const to = columns[columns.indexOf(card.closest("[data-state]")) + step];
      event.preventDefault();
      if (to) move(card, to);
    });
  }
  for (const column of board.querySelectorAll("[data-state]")) {
    column.addEventListener("dragover", (event) => {
      if (!held) return;
      event.preventDefault();
      column.classList.add("over");
    });
    column.addEventListener("dragleave", () => column.classList.remove("over"));
    column.addEventListener("drop", (event) => {
      event.preventDefault();
      column.classList.remove("over");
      if (held && held.closest("[data-state]") !== column) move(held, column);
    });
  }
}

// Who has moved a card by key stands on it again.
const moved = location.hash.startsWith("#k-") && document.getElementById(location.hash.slice(1));
if (moved) moved.querySelector("a").focus();
