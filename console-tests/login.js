// Logging in, and what is to be seen without it.

import { BASE, TOKEN, assert, accessible, everyLook, logIn, loggedIn, open, run } from "./lib.js";

await run({
  async "a link with the token logs in by itself and leaves no token behind"() {
    const page = await logIn();
    assert.ok(!page.url().includes(TOKEN), page.url());
    const cookies = await page.context().cookies();
    const session = cookies.find((one) => one.httpOnly);
    assert.deepEqual([session.sameSite, session.path, session.secure], ["Strict", "/console", false]);
    await page.goBack().catch(() => {});
    assert.ok(!page.url().includes(TOKEN), page.url());
  },

  async "a wrong token is told, a right one leads to where one wanted to go"() {
    const page = await open();
    await page.goto(`${BASE}/console/debug#/v4/recentcontact/top`);
    await page.waitForURL(`${BASE}/console/login?to=debug#/v4/recentcontact/top`);
    await page.getByLabel("Admin token").fill("wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    assert.equal(await page.getByRole("alert").textContent(), "That is not the admin token.");
    await accessible(page);
    await page.getByLabel("Admin token").fill(TOKEN);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${BASE}/console/debug#/v4/recentcontact/top`);
  },

  async "who logs out is out"() {
    const page = await loggedIn("debug");
    await page.getByRole("button", { name: "Log out" }).click();
    await page.waitForURL(`${BASE}/console/login`);
    await page.goto(`${BASE}/console/debug`);
    await page.waitForURL(`${BASE}/console/login?to=debug`);
  },

  async "the language is the browser's until another is chosen"() {
    const page = await open({ locale: "zh-CN" });
    await page.goto(`${BASE}/console/login`);
    assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
    await page.getByLabel("语言").selectOption("en");
    await page.waitForSelector('html[lang="en"]');
  },

  async "the login in every look"() {
    const page = await open();
    await page.goto(`${BASE}/console/login`);
    await everyLook(page, "login");
  },

  async "an address without a page says so"() {
    const page = await loggedIn("nothing/here");
    await everyLook(page, "unknown");
  },
});
