// What every page has: choices that are remembered, the menu of a small screen, notices, and a way to post.

const YEAR = 365 * 24 * 3600;

/** The secret that every post of this session bears. */
export const csrf = document.body.dataset.csrf;

/** Remembers a choice for the next pages. */
export function remember(name, value) {
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/console; Max-Age=${YEAR}; SameSite=Strict`;
}

/** Says something at the edge of the page for a while. `kind` is "good", "bad" or nothing. */
export function notice(text, kind = "") {
  const toast = document.createElement("p");
  toast.className = `toast ${kind}`;
  toast.textContent = text;
  document.getElementById("toasts")?.append(toast);
  setTimeout(() => toast.remove(), 6000);
}

/** Asks the console for something as a program does: with the session's secret, and to the login where the session is over. */
export async function ask(address, options = {}) {
  const reply = await fetch(address, { ...options, headers: { "x-csrf-token": csrf, ...options.headers } });
  if (reply.status === 401) {
    location.assign((reply.headers.get("hx-redirect") ?? "/console/login") + location.hash);
  }
  return reply;
}

// What no event of the page led to, the page asks for by itself.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.triggeringEvent) detail.headers["x-cubby-poll"] = "1";
});

document.addEventListener("change", (event) => {
  const { remember: name } = event.target.dataset;
  if (!name) return;
  remember(name, event.target.value);
  if (name === "cubby_theme") {
    document.documentElement.dataset.theme = event.target.value;
  } else if (!document.dispatchEvent(new CustomEvent("remembered", { cancelable: true, detail: name }))) {
    // The page takes care of it.
  } else {
    const address = new URL(location.href);
    if (name === "cubby_app") address.searchParams.delete("app");
    if (address.href === location.href) location.reload();
    else location.replace(address);
  }
});

document.addEventListener("click", (event) => {
  const toggle = event.target.closest("[data-toggle]");
  if (!toggle) return;
  const open = toggle.getAttribute("aria-expanded") !== "true";
  toggle.setAttribute("aria-expanded", String(open));
  document.getElementById(toggle.dataset.toggle)?.classList.toggle("open", open);
});

document.addEventListener("keydown", (event) => {
  const toggle = document.querySelector('[data-toggle="menu"][aria-expanded="true"]');
  if (event.key === "Escape" && toggle) {
    toggle.click();
    toggle.focus();
  }
});

// htmx tells of replies that are no success by this event alone.
document.addEventListener("htmx:responseError", (event) => notice(event.detail.xhr.responseText.slice(0, 300), "bad"));
document.addEventListener("htmx:sendError", () => notice(document.documentElement.lang === "en" ? "The server does not answer." : "服务器没有响应。", "bad"));

// An address of the vendor's debugging tool leads to ours, whatever page it was put behind.
if (/^#\/?v4\//.test(location.hash) && !location.pathname.startsWith("/console/debug") && location.pathname !== "/console/login") {
  location.replace(`/console/debug${location.hash}`);
}

/** Times are shown as the browser's place has them. */
export function times(part) {
  for (const time of part.querySelectorAll("time[data-ms]")) {
    const date = new Date(Number(time.dataset.ms));
    time.dateTime = date.toISOString();
    const only = "clock" in time.dataset;
    time.textContent = only ? date.toLocaleTimeString(document.documentElement.lang, { hour12: false }) : date.toLocaleString(document.documentElement.lang, { hour12: false });
  }
}

times(document);
document.addEventListener("htmx:load", (event) => times(event.detail.elt));

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    notice(button.dataset.copied, "good");
  } catch {
    notice(button.dataset.notCopied, "bad");
  }
});
