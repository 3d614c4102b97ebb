// The user board: acts are posted and the board comes back as it is then; what changes elsewhere is told by a stream. Whatever is being
// typed, open or in focus stays so when the board is shown anew.

import { ask, notice } from "./console.js";

// A part that is swapped is as it is at once; nothing of the old one is carried over by htmx.
htmx.config.attributesToSettle = [];

const board = () => document.getElementById("board");
const sheet = document.getElementById("sheet");
const at = board()?.dataset.at;
const address = (what, more = {}) => `/console/board/${what}?${at}&${new URLSearchParams({ shown: shown(), ...more })}`;

/** How many cards of each column are wanted. */
const wished = new Map();
const shown = () => [...wished].map(([column, count]) => `${column}:${count}`).join(",");

/** Whether a card is being dragged; the board is shown anew after that. */
let dragged = null;
let late = false;

/** Puts HTML in the place of an element's, and keeps what a person has begun there: what is typed, open, scrolled, told or in focus. */
function show(element, html, outer) {
  const kept = [];
  const keep = (one, restore) => kept.push([one.id, restore]);
  for (const input of element.querySelectorAll("input[id], select[id]")) {
    const { value } = input;
    const chosen = input.tagName === "SELECT" ? [...input.options].find((option) => option.defaultSelected) ?? input.options[0] : null;
    const begun = input.type !== "checkbox" && value !== (chosen ? chosen.value : input.defaultValue);
    if (begun) keep(input, (again) => { if (again.tagName !== "SELECT" || [...again.options].some((option) => option.value === value)) again.value = value; });
  }
  for (const form of element.querySelectorAll("form[id][data-act]:not([hidden])")) keep(form, (again) => { again.hidden = false; opener(again)?.setAttribute("aria-expanded", "true"); });
  for (const one of element.querySelectorAll("details[id]")) { const { open } = one; keep(one, (again) => { again.open = open; }); }
  for (const one of element.querySelectorAll(".refusal:not(:empty)")) { const { textContent } = one; keep(one, (again) => { again.textContent = textContent; }); }
  for (const one of [element, ...element.querySelectorAll("[id]")]) {
    const { scrollLeft, scrollTop } = one;
    if (scrollLeft || scrollTop) keep(one, (again) => { again.scrollLeft = scrollLeft; again.scrollTop = scrollTop; });
  }
  const active = element.contains(document.activeElement) ? document.activeElement : null;
  const [from, to] = active?.matches("input:not([type=checkbox])") ? [active.selectionStart, active.selectionEnd] : [];
  htmx.swap(element, html, { swapStyle: outer ? "outerHTML" : "innerHTML" });
  for (const [its, restore] of kept) {
    const again = document.getElementById(its);
    if (again) restore(again);
  }
  // What was in focus and is gone leaves the focus near by.
  const focus = active && (document.getElementById(active.id) ?? document.getElementById(outer ? "columns" : "sheet-close"));
  if (focus && focus !== document.activeElement) focus.focus({ preventScroll: true });
  if (from !== undefined && focus.id === active.id) focus.setSelectionRange(from, to);
}

const opener = (form) => document.querySelector(`[data-open="${CSS.escape(form.id)}"]`);

/** Shows the board that came back. */
function arrived(html) {
  if (dragged) {
    late = true;
    return;
  }
  show(board(), html, true);
  const said = board()?.dataset.notice;
  if (said) notice(said, "good");
}

/** Asks for the board, and for the sheet where it is open. */
async function reload() {
  if (dragged) {
    late = true;
    return;
  }
  const reply = await ask(address("part"));
  if (reply.status === 410) location.reload();
  if (reply.ok) arrived(await reply.text());
  if (sheet.open) await fill();
}

async function fill() {
  const of = sheet.firstElementChild?.dataset;
  if (!of) return;
  const reply = await ask(address("sheet", { type: of.type, id: of.id, column: of.column }));
  if (reply.ok && sheet.open) sheetShows(await reply.text());
}

function sheetShows(html) {
  show(sheet, html, false);
  for (const time of sheet.querySelectorAll("time[data-unix]")) {
    time.textContent = new Date(Number(time.dataset.unix) * 1000).toLocaleString(document.documentElement.lang);
  }
}

/** Opens the sheet of a card. */
async function openSheet(card, column) {
  const { type, id } = card.dataset;
  const reply = await ask(address("sheet", { type, id, column }));
  if (!reply.ok) return notice(await reply.text(), "bad");
  sheet.replaceChildren();
  sheet.dataset.from = card.querySelector(".name").id;
  sheetShows(await reply.text());
  sheet.showModal();
  (document.getElementById("sheet-to") ?? document.getElementById("mark-1")).focus();
}

/** Where a refusal is told: beside what was done. */
const slot = (element) => (element.closest(".sheet, .column, .sweep")?.querySelector(".refusal")) ?? document.getElementById("no-new");

/** Does something; what is refused is told in its place, and nothing is changed. */
async function act(values, place) {
  // What was refused before is told no longer.
  for (const old of document.querySelectorAll(".refusal")) old.textContent = "";
  const reply = await ask(address("act"), { method: "POST", body: new URLSearchParams(values) });
  const text = await reply.text();
  if (reply.ok) {
    arrived(text);
  } else if (reply.status === 410) {
    location.reload();
  } else {
    const now = document.getElementById(place.id);
    if (now) now.textContent = text;
    else notice(text, "bad");
  }
  if (sheet.open) await fill();
  return reply.ok;
}

/** What an act is about: the conversation and the column that an element stands in. */
function about(element) {
  const one = element.closest("[data-type]")?.dataset ?? {};
  const column = element.closest("[data-column]")?.dataset.column;
  return { ...(one.type && { type: one.type, id: one.id }), ...(column && { column }) };
}

/** The id of the button that a card in a column has. */
const nameOf = (column, { type, id }) => {
  const card = [...document.querySelectorAll(`#col-${column} [data-type="${type}"]`)].find((one) => one.dataset.id === id);
  return card?.querySelector(".name").id;
};

function fold(form, hidden) {
  form.hidden = hidden;
  opener(form)?.setAttribute("aria-expanded", String(!hidden));
  if (!hidden) return;
  form.reset();
  slot(form).textContent = "";
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || !at) return;
  if (button.dataset.open) {
    const form = document.getElementById(button.dataset.open);
    const hidden = !form.hidden;
    for (const other of form.parentElement.querySelectorAll("form[data-act]:not([hidden])")) fold(other, true);
    fold(form, hidden);
    if (!hidden) {
      const first = form.querySelector("input:not([type=hidden])") ?? form.querySelector("button");
      first.focus();
      first.select?.();
    }
  } else if (button.dataset.close !== undefined) {
    const form = button.closest("form");
    if (form) {
      fold(form, true);
      opener(form)?.focus();
    } else {
      sheet.close();
    }
  } else if (button.dataset.sheet !== undefined) {
    openSheet(button.closest("[data-type]"), button.closest("[data-column]").dataset.column);
  } else if (button.dataset.more) {
    wished.set(button.closest("[data-column]").dataset.column, Number(button.dataset.more));
    reload();
  } else if (button.dataset.act) {
    const on = button.getAttribute("aria-pressed") === "true" ? "0" : "1";
    act({ act: button.dataset.act, on, ...(button.dataset.mark && { mark: button.dataset.mark }), ...about(button) }, slot(button));
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.act || !at) return;
  event.preventDefault();
  const values = { ...about(form), ...Object.fromEntries(new FormData(form)), act: form.dataset.act };
  if (form.dataset.act === "add") values.id = values.id.trim();
  const place = slot(form);
  const inSheet = sheet.contains(form);
  // Once it is done, what was typed is no longer begun.
  const begun = [...form.elements].filter((one) => one.id).map((one) => one.id);
  const before = board();
  const done = await act(values, place);
  if (!done) return;
  for (const id of begun) {
    const again = document.getElementById(id);
    if (again && (again.tagName === "INPUT") && !inSheet) again.value = again.defaultValue;
  }
  const again = form.id && !inSheet && document.getElementById(form.id);
  if (again && before !== board() && form.dataset.act !== "create" && form.dataset.act !== "add") {
    fold(again, true);
    opener(again)?.focus();
  }
  if (form.dataset.act === "move") {
    sheet.dataset.from = nameOf(values.to, values) ?? "";
    sheet.close();
  }
});

document.addEventListener("change", async (event) => {
  const box = event.target;
  if (!box.matches(".sheet input[data-to]")) return;
  const done = await act({ act: box.checked ? "add" : "remove", to: box.dataset.to, ...about(box) }, slot(box));
  const again = document.getElementById(box.id);
  if (!done && again) again.checked = again.defaultChecked;
});

document.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && event.target.closest?.("#board form[data-act][id]");
  if (form) {
    fold(form, true);
    opener(form)?.focus();
  }
});

sheet?.addEventListener("close", () => {
  document.getElementById(sheet.dataset.from)?.focus();
  sheet.replaceChildren();
});
sheet?.addEventListener("click", (event) => {
  if (event.target === sheet) sheet.close();
});

// Dragging, by pointer: a mouse takes a card anywhere, a finger by its grip, so that it can scroll elsewhere.
const FAR = 6;
const EDGE = 60;

function columnAt(x, y) {
  return document.elementFromPoint(x, y)?.closest("[data-column]:not(.sheet)");
}

document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest?.(".conversation");
  const byGrip = event.target.closest?.(".grip");
  if (!card || event.button !== 0 || event.target.closest(".icon") || (event.pointerType !== "mouse" && !byGrip)) return;
  const start = { x: event.clientX, y: event.clientY };
  const box = card.getBoundingClientRect();
  const from = card.closest("[data-column]").dataset.column;
  const { type, id } = card.dataset;
  let ghost = null;
  let over = null;
  let point = start;
  let frame = 0;

  const scroll = () => {
    const columns = document.getElementById("columns");
    const edges = columns.getBoundingClientRect();
    if (point.x < edges.left + EDGE) columns.scrollLeft -= 12;
    if (point.x > edges.right - EDGE) columns.scrollLeft += 12;
    frame = requestAnimationFrame(scroll);
  };
  const begin = () => {
    dragged = card;
    ghost = card.cloneNode(true);
    ghost.removeAttribute("id");
    ghost.querySelectorAll("[id]").forEach((one) => one.removeAttribute("id"));
    ghost.classList.add("ghost");
    ghost.setAttribute("aria-hidden", "true");
    ghost.inert = true;
    document.body.append(ghost);
    document.body.classList.add("dragging");
    card.classList.add("is-dragged");
    scroll();
  };
  const move = (now) => {
    point = { x: now.clientX, y: now.clientY };
    if (!ghost && Math.hypot(point.x - start.x, point.y - start.y) < FAR) return;
    if (!ghost) begin();
    now.preventDefault();
    ghost.style.transform = `translate(${point.x - (start.x - box.left)}px, ${point.y - (start.y - box.top)}px)`;
    const column = columnAt(point.x, point.y);
    if (column !== over) {
      over?.classList.remove("over");
      over = column;
      if (over && over.dataset.column !== from) over.classList.add("over");
    }
  };
  const end = (now, dropped) => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", cancel);
    removeEventListener("keydown", escape, true);
    cancelAnimationFrame(frame);
    if (!ghost) return;
    ghost.remove();
    over?.classList.remove("over");
    card.classList.remove("is-dragged");
    document.body.classList.remove("dragging");
    dragged = null;
    // The click that ends a drag opens nothing.
    const swallow = (click) => click.stopPropagation();
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
    const to = dropped && columnAt(now.clientX, now.clientY)?.dataset.column;
    if (to && to !== from) {
      const copies = (now.ctrlKey || now.altKey) && to !== "none";
      act({ act: copies ? "add" : "move", type, id, column: from, to }, document.getElementById(`no-${to}`));
    } else if (late) {
      reload();
    }
    late = false;
  };
  const up = (now) => end(now, true);
  const cancel = (now) => end(now, false);
  const escape = (key) => {
    if (key.key === "Escape") end(key, false);
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", up);
  addEventListener("pointercancel", cancel);
  addEventListener("keydown", escape, true);
});

// The stream. A page that nobody sees follows none: browsers give a host only so many connections.
let stream = null;
let again = null;

function live(is) {
  const sign = document.getElementById("live");
  sign.textContent = is ? sign.dataset.live : sign.dataset.still;
  sign.classList.toggle("good", is);
}

function listen() {
  clearTimeout(again);
  stream?.close();
  stream = null;
  if (document.hidden) return;
  stream = new EventSource(`/console/board/live?${at}`);
  stream.addEventListener("board", (event) => {
    live(true);
    if (event.data === "none") location.reload();
    else if (event.data !== board().dataset.version) reload();
  });
  stream.addEventListener("error", () => {
    live(false);
    // The browser tries again by itself, unless the server said no.
    if (stream?.readyState === EventSource.CLOSED) again = setTimeout(listen, 5000);
  });
}

if (at) {
  listen();
  document.addEventListener("visibilitychange", listen);
}

// Another application has other users.
document.addEventListener("remembered", (event) => {
  if (event.detail !== "cubby_app") return;
  event.preventDefault();
  location.assign("/console/board");
});
