// What the tests of pages share: a browser that may reach one server and nothing else, a console that is logged in to, the same page in both
// languages and both themes on a picture, and a look for what keeps people out. A script is run with the address of the server, the admin
// token and the folder for pictures in the environment; it fails by throwing.

import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

export { assert };
export const BASE = process.env.CONSOLE_BASE;
export const TOKEN = process.env.CONSOLE_TOKEN;
const SCREENSHOTS = process.env.CONSOLE_SCREENSHOTS;
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What has not come by then never comes, also on a machine that is busy. */
const WAIT_MS = 30000;
const BROWSER = "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
export const DESKTOP = { width: 1280, height: 860 };
export const PHONE = { width: 360, height: 740 };

const browser = await chromium.launch({ executablePath: BROWSER, headless: true, args: FLAGS });
/** The browser of each kind of viewer, by its options: a new one costs more than what a test does in it. */
const viewers = new Map();
/** The cookies of who has logged in. */
let session = [];
const seen = [];

/** A page of a browser that knows nothing yet, whose requests and complaints are watched. */
export async function open({ viewport = DESKTOP, locale = "en-GB", colorScheme = "light", ...more } = {}) {
  const options = { viewport, locale, colorScheme, ignoreHTTPSErrors: true, ...more };
  const kind = JSON.stringify(options);
  const inUse = viewers.get(kind)?.pages().length > 0;
  const context = (inUse ? undefined : viewers.get(kind)) ?? (await browser.newContext(options));
  if (!context.watched) {
    context.watched = true;
    context.setDefaultTimeout(WAIT_MS);
    context.on("request", (request) => {
      const address = new URL(request.url());
      if (address.protocol !== "data:" && address.host !== new URL(BASE).host) seen.push(`a request to ${address.host}: ${request.url()}`);
    });
  }
  if (!inUse) viewers.set(kind, context);
  const page = await context.newPage();
  watch(page);
  return page;
}

/** Closes what a test has opened; the browsers that are kept forget it. */
async function forget() {
  for (const context of browser.contexts()) {
    if (![...viewers.values()].includes(context)) {
      await context.close();
      continue;
    }
    await context.clearPermissions();
    for (const page of context.pages()) await page.close();
    const page = await context.newPage();
    const tools = await context.newCDPSession(page);
    await tools.send("Storage.clearDataForOrigin", { origin: BASE, storageTypes: "all" });
    await page.close();
  }
}

/** Notes what a page complains about: errors, and what its content security policy refuses. */
export function watch(page) {
  page.on("pageerror", (error) => seen.push(`an error on ${page.url()}: ${error.stack ?? error}`));
  page.on("console", (message) => {
    // A reply that is meant to be refused is told of by the browser and by htmx too; what else they say as an error is one.
    if (message.type() === "error" && !/^(Failed to load resource|Response Status Error Code)/.test(message.text())) seen.push(`${page.url()} says: ${message.text()}`);
  });
}

/** Another page of the same browser, logged in as this one is. */
export async function another(page) {
  const other = await page.context().newPage();
  watch(other);
  return other;
}

/** A page that has just logged in, by the link that a server prints. */
export async function logIn(options = {}) {
  const page = await open(options);
  await page.goto(`${BASE}/console/login#token=${encodeURIComponent(TOKEN)}`);
  await page.waitForURL((address) => !address.pathname.endsWith("/login"));
  return page;
}

/** A page that is logged in, at this path under /console/. Who has logged in once in a script goes on with that session while it holds. */
export async function loggedIn(path, options = {}) {
  if (session.length > 0) {
    const page = await open(options);
    await page.context().addCookies(session);
    await page.goto(`${BASE}/console/${path}`);
    if (!new URL(page.url()).pathname.endsWith("/login")) return page;
    await page.close();
  }
  const page = await logIn(options);
  session = await page.context().cookies();
  await page.goto(`${BASE}/console/${path}`);
  return page;
}

/** Puts the page into a language and a theme, as its switches do, and loads it again. */
export async function dress(page, lang, theme) {
  const cookie = (name, value) => ({ name, value, domain: new URL(BASE).hostname, path: "/console" });
  await page.context().addCookies([cookie("cubby_lang", lang), cookie("cubby_theme", theme)]);
  await page.reload();
  // What the page asks for by itself is there.
  await page.waitForFunction(() => !document.querySelector(".htmx-request"));
}

/** No finding of axe-core that is serious or worse. */
export async function accessible(page, what = page.url()) {
  // The browser's own way to run it is not bound by the page's policy.
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const serious = found.violations.filter((one) => ["serious", "critical"].includes(one.impact));
  const told = serious.map((one) => `${one.id} (${one.impact}): ${one.help}\n${one.nodes.map((node) => `    ${node.html}\n    ${node.failureSummary}`).join("\n")}`);
  assert.equal(told.length, 0, `${what}:\n${told.join("\n")}`);
}

/** Nothing is wider than the window, so that a phone shows the page without scrolling sideways. */
export async function fits(page) {
  const [wide, window, which] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const over = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > clientWidth + 1);
    return [scrollWidth, clientWidth, over.map((one) => one.outerHTML.slice(0, 120)).join("\n")];
  });
  assert.ok(wide <= window, `${page.url()} is ${wide} wide in a window of ${window}:\n${which}`);
}

/** A picture of the page as it is. */
export async function picture(page, name) {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
}

/** The page in both languages and both themes, and on a phone: a picture of each, and accessible. `ready` makes the page show what is to
 * be seen after each load. */
export async function everyLook(page, name, ready = async () => {}) {
  for (const lang of ["en", "zh"]) {
    for (const theme of ["light", "dark"]) {
      await dress(page, lang, theme);
      await ready(page);
      assert.equal(await page.getAttribute("html", "lang"), lang === "en" ? "en" : "zh-CN");
      // Colours hang on the theme and names on the language: two looks have all of both.
      if ((lang === "en") === (theme === "light")) await accessible(page, `${name}, ${lang}, ${theme}`);
      await picture(page, `${name}-${lang}-${theme}`);
    }
  }
  await dress(page, "en", "light");
  const viewport = page.viewportSize();
  await page.setViewportSize(PHONE);
  await ready(page);
  await fits(page);
  await accessible(page, `${name}, on a phone`);
  await picture(page, `${name}-phone`);
  await page.setViewportSize(viewport);
}

/** Waits until something is so that has to be asked for: `waitForFunction` takes a promise for a yes. */
export async function until(isSo) {
  const begun = Date.now();
  while (!(await isSo())) {
    assert.ok(Date.now() - begun < WAIT_MS, `never: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Goes on with the Tab key until this is in focus, as someone without a mouse does. */
export async function tabTo(page, selector, most = 200) {
  for (let n = 0; n < most; n += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  assert.fail(`the Tab key does not lead to ${selector}`);
}

/** A call of the API, made by the page, signed as the console signs; its reply, or what became of the connection. */
export async function call(page, path, body, { app = "", identifier = "administrator" } = {}) {
  return page.evaluate(
    async ([path, body, app, identifier]) => {
      const headers = { "x-csrf-token": document.body.dataset.csrf };
      const signed = await fetch(`/console/debug/sign${app && `?app=${app}`}`, { method: "POST", headers, body: new URLSearchParams({ identifier }) });
      const { sdkappid, usersig } = await signed.json();
      const query = `sdkappid=${sdkappid}&identifier=${identifier}&usersig=${usersig}&random=1&contenttype=json`;
      try {
        const reply = await fetch(`/v4/${path}?${query}`, { method: "POST", body: JSON.stringify(body), credentials: "omit" });
        return await reply.json();
      } catch (error) {
        return { broken: error.message };
      }
    },
    [path, body, app, identifier],
  );
}

/** Runs tests one after another, tells of each, and fails where one of them did, or where a page complained or asked another host. */
export async function run(tests) {
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    seen.length = 0;
    try {
      await test();
      assert.deepEqual(seen, []);
      console.log(`ok ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}: ${error.stack ?? error}\n${seen.join("\n")}`);
    }
    await forget();
  }
  await browser.close();
  process.exit(failed === 0 ? 0 : 1);
}
