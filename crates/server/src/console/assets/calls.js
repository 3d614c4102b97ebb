// The calls: a list that goes on by itself, and one of them, to look at and to send again. What a row and a call look like is the server's.

import { ask, notice, times } from "./console.js";
import { fill } from "./debug-form.js";
import { coloured } from "./debug-reply.js";

const ROWS_MAX = 500;
const at = (id) => document.getElementById(id);
const root = at("calls");
const words = JSON.parse(root.dataset.words);

let source;
let turn = 0;

/** The address of something of this page, with whose calls are wanted and which of them. */
function address(below, more = {}) {
  const query = new URLSearchParams(new FormData(at("filter")));
  for (const [name, value] of [...query]) if (value === "") query.delete(name);
  if (root.dataset.app && !query.has("of")) query.set("app", root.dataset.app);
  for (const [name, value] of Object.entries(more)) query.set(name, value);
  return `/console/calls/${below}?${query}`;
}

function state(word, kind) {
  at("state").textContent = word;
  at("state").className = `tag ${kind}`;
}

function fresh(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  times(template.content);
  return template.content;
}

function emptiness() {
  at("none").hidden = at("list").children.length > 0;
}

/** Shows the calls that are there, and then each that comes. */
async function begin() {
  turn += 1;
  const mine = turn;
  source?.close();
  source = new EventSource(address("live"));
  source.addEventListener("open", async () => {
    const reply = await ask(address("rows"));
    if (mine !== turn || !reply.ok) return;
    at("list").replaceChildren(fresh(await reply.text()));
    emptiness();
    state(words.live, "good");
    root.dataset.ready = "true";
  });
  source.addEventListener("call", (event) => {
    if (at("list").querySelector(`[data-id="${event.lastEventId}"]`)) return;
    const row = fresh(event.data);
    row.firstElementChild?.classList.add("fresh");
    at("list").prepend(row);
    while (at("list").children.length > ROWS_MAX) at("list").lastElementChild.remove();
    emptiness();
  });
  source.addEventListener("missed", (event) => notice(fill(words.missed, event.data)));
  source.addEventListener("error", () => {
    state(words.paused, "warn");
    // One that the server refused for good does not come again by itself; the session may be over.
    if (source.readyState === EventSource.CLOSED) ask(address("rows"));
  });
}

async function show(id) {
  for (const one of at("list").querySelectorAll("[aria-current]")) one.removeAttribute("aria-current");
  at("list").querySelector(`[data-call="${id}"]`)?.setAttribute("aria-current", "true");
  const reply = await ask(address(id));
  if (!reply.ok) {
    notice(await reply.text(), "bad");
    return;
  }
  at("detail").replaceChildren(fresh(await reply.text()));
  for (const part of at("detail").querySelectorAll("[data-json]")) {
    part.dataset.raw = part.textContent;
    try {
      part.replaceChildren(...coloured(JSON.parse(part.textContent)));
    } catch {
      // What is no JSON is shown as it came.
    }
  }
  at("detail").dataset.shown = id;
  // Where the call is below the list, one would not see that it came.
  if (at("detail").getBoundingClientRect().top > innerHeight * 0.7) at("detail").scrollIntoView();
}

async function text(address) {
  const reply = await ask(address);
  const text = await reply.text();
  if (!reply.ok) throw new Error(text);
  return text;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    notice(words.copied, "good");
  } catch {
    notice(words.not_copied, "bad");
  }
}

/** Sends a call again, as a client of the API does, signed anew. */
async function replay(id) {
  const { method, path, query, body } = JSON.parse(await text(address(`${id}/request`)));
  const content = ["GET", "HEAD"].includes(method) ? {} : { body, headers: { "content-type": "application/json" } };
  let reply;
  try {
    reply = await fetch(query ? `${path}?${query}` : path, { method, credentials: "omit", ...content });
    const code = (await reply.json()).ErrorCode;
    notice(fill(words.replayed, code === 0 ? words.ok : code), code === 0 ? "good" : "bad");
  } catch (error) {
    notice(fill(words.no_reply, error.message), "bad");
  }
}

const actions = {
  replay: (button) => replay(button.dataset.call),
  curl: async (button) => copy(await text(address(`${button.dataset.call}/curl`, { url: location.origin }))),
  debug(button) {
    const draft = { path: button.dataset.command, body: at("request")?.dataset.raw ?? "" };
    sessionStorage.setItem("cubby-draft", JSON.stringify(draft));
    location.assign(`/console/debug#/v4/${draft.path}`);
  },
};

root.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  try {
    if (button.dataset.do) await actions[button.dataset.do](button);
    else if (button.dataset.before) {
      const rows = fresh(await text(address("rows", { before: button.dataset.before })));
      button.closest("li").replaceWith(rows);
    } else if (button.dataset.call) await show(button.dataset.call);
  } catch (error) {
    notice(error.message, "bad");
  }
});

root.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { from, to } = Object.fromEntries(new FormData(event.target));
  try {
    await copy(JSON.stringify(JSON.parse(await text(address("scenario", { from, to }))), null, 2));
  } catch (error) {
    notice(error.message, "bad");
  }
});

at("clear").addEventListener("click", async () => {
  if (!confirm(at("clear").dataset.sure)) return;
  await ask(address("clear"), { method: "POST" });
  begin();
});

at("record")?.addEventListener("change", async (event) => {
  await ask(address("record"), { method: "POST", body: new URLSearchParams(event.target.checked ? { on: "1" } : {}) });
  location.reload();
});

let typing;
at("filter").addEventListener("submit", (event) => event.preventDefault());
at("filter").addEventListener("input", (event) => {
  clearTimeout(typing);
  if (event.target.id === "of") {
    // Whether those are recorded is for the page to say.
    location.assign(event.target.value ? `/console/calls?of=${event.target.value}` : "/console/calls");
    return;
  }
  typing = setTimeout(begin, 250);
});

// A browser has few connections to one server; a page that nobody sees gives its own up.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    turn += 1;
    source?.close();
  } else begin();
});
addEventListener("pagehide", () => source?.close());
begin();
