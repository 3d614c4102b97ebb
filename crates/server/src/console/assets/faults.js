// The clock of the application, ticking as the server's does.

const lang = document.documentElement.lang;
let shown;
let began = 0;

function tick() {
  const now = document.getElementById("now");
  if (!now) return;
  if (now !== shown) {
    shown = now;
    began = performance.now();
  }
  const passed = "frozen" in now.dataset ? 0 : performance.now() - began;
  const date = new Date(Number(now.dataset.now) + passed);
  now.dateTime = date.toISOString();
  now.textContent = date.toLocaleString(lang, { hour12: false });
  document.getElementById("unix").textContent = String(Math.floor(date / 1000));
}

setInterval(tick, 250);
document.addEventListener("htmx:afterSettle", tick);
tick();
