// The calls: recorded where it is asked, live in another page, explained, sent again and copied.

import { importAll } from "./api.js";
import { BASE, PHONE, accessible, another, assert, call, everyLook, fits, loggedIn, run, tabTo, until } from "./lib.js";

const IMPORT = "im_open_login_svc/account_import";
const TOP = "recentcontact/top";

async function ready(page) {
  await page.waitForSelector("#calls[data-ready]");
}

async function calls(options = {}) {
  const page = await loggedIn("calls", options);
  await ready(page);
  return page;
}

/** Rows of the list, the newest first: the command, or the path, of each. */
const shown = (page) => page.locator("#list .path").allTextContents();

/** Opens the newest call. */
async function newest(page) {
  await page.locator("#list button[data-call]").first().click();
  await page.waitForSelector("#detail h2");
}

await run({
  async "nothing is recorded until it is asked, and then a call appears in another page at once"() {
    const page = await calls();
    assert.ok(await page.getByText("Calls of this application are not recorded.").isVisible());
    await call(page, IMPORT, { UserID: "unseen" });
    await page.getByLabel("Record calls").check();
    await page.waitForLoadState();
    await ready(page);
    assert.ok(await page.getByText("No call yet.").isVisible());
    const other = await another(page);
    await other.goto(`${BASE}/console/debug`);
    assert.equal((await call(other, IMPORT, { UserID: "alice" })).ErrorCode, 0);
    await page.waitForSelector('#list [data-call] .path:has-text("account_import")');
    assert.deepEqual(await shown(page), [IMPORT]);
    await call(other, IMPORT, { UserID: "" });
    await page.waitForSelector("#list li:nth-child(2)");
    assert.match(await page.locator("#list button").first().getAttribute("title"), /^70402: /);
  },

  async "a call is explained: what refused it, what nobody read, where the time went"() {
    const page = await calls();
    await call(page, TOP, { From_Account: "alice", RecentContactItem: { Type: 1, To_Account: "nobody" }, OperationTyp: 1 });
    await page.waitForSelector('#list .path:has-text("top")');
    await newest(page);
    const detail = page.locator("#detail");
    assert.ok(await detail.getByText("Refused by").isVisible());
    assert.ok(await detail.getByText("What to do").isVisible());
    assert.match(await detail.locator(".found").first().textContent(), /OperationTyp.*OperationType/s);
    assert.ok((await detail.locator(".steps rect").count()) >= 3);
    assert.equal(JSON.parse(await detail.locator("#request").textContent()).From_Account, "alice");
    await accessible(page, "a call that was refused");
  },

  async "a call is sent again, signed anew, and is another call"() {
    const page = await calls();
    await call(page, IMPORT, { UserID: "again" });
    await page.waitForSelector(`#list .path:has-text("${IMPORT}")`);
    await newest(page);
    const before = await page.locator("#list li").count();
    await page.getByRole("button", { name: "Send again" }).click();
    await page.getByText("Sent again: OK").waitFor();
    await page.waitForSelector(`#list li:nth-child(${before + 1})`);
    await newest(page);
    assert.equal(JSON.parse(await page.textContent("#request")).UserID, "again");
  },

  async "a call opens in the debug tool, and is copied as curl and as a scenario"() {
    const page = await calls();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    await call(page, IMPORT, { UserID: "copied" });
    await page.waitForSelector(`#list .path:has-text("${IMPORT}")`);
    await newest(page);
    await page.getByRole("button", { name: "Copy as curl" }).click();
    await page.getByText("Copied.").waitFor();
    assert.match(await clipboard(), /^USERSIG='.+'\ncurl .*account_import/s);
    const first = Number(await page.inputValue("#from")) - 1;
    await page.fill("#from", String(first));
    await page.getByRole("button", { name: "Copy as scenario" }).click();
    await until(async () => (await clipboard()).startsWith("{"));
    assert.deepEqual(JSON.parse(await clipboard()).steps.map((step) => step.call), [IMPORT, IMPORT]);
    await page.getByRole("button", { name: "Open in the debug tool" }).click();
    await page.waitForSelector("#tool[data-ready]");
    assert.equal(await page.inputValue("#command"), IMPORT);
    assert.equal(JSON.parse(await page.inputValue("#json")).UserID, "copied");
  },

  async "the list shows the calls that are wanted, old and new"() {
    const page = await calls();
    await call(page, IMPORT, { UserID: "wanted" });
    await page.getByLabel("Failed only").check();
    await page.waitForFunction(() => [...document.querySelectorAll("#list .tag")].every((tag) => tag.textContent !== "OK"));
    assert.ok((await shown(page)).length >= 2);
    await call(page, IMPORT, { UserID: "passed over" });
    await call(page, TOP, { From_Account: "" });
    await page.waitForFunction(() => document.querySelector("#list .path").textContent.endsWith("/top"));
    assert.ok((await page.locator("#list .tag").allTextContents()).every((text) => text !== "OK"));
    await page.getByLabel("Failed only").uncheck();
    await page.getByLabel("Text in path or body").fill("passed over");
    await page.waitForFunction(() => document.querySelectorAll("#list li").length === 1);
    await page.getByLabel("Text in path or body").fill("");
    await page.getByLabel("Code").fill("70402");
    await page.waitForFunction(() => [...document.querySelectorAll("#list .tag")].every((tag) => tag.textContent === "70402"));
    await page.getByLabel("Code").fill("");
    await page.getByLabel("Command").selectOption(TOP);
    await page.waitForFunction(() => [...document.querySelectorAll("#list .path")].every((path) => path.textContent.endsWith("/top")));
  },

  async "by keyboard alone"() {
    const page = await calls();
    await tabTo(page, "#list button");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#detail h2");
    await tabTo(page, '[data-do="replay"]');
    await page.keyboard.press("Enter");
    await page.getByText("Sent again:").waitFor();
  },

  async "on a phone"() {
    const page = await calls({ viewport: PHONE, hasTouch: true, isMobile: true });
    await fits(page);
    await newest(page);
    await fits(page);
  },

  async "in every look"() {
    const page = await calls();
    await call(page, TOP, { From_Account: "alice", RecentContactItem: { Type: 1, To_Account: "nobody" }, OperationTyp: 1 });
    await everyLook(page, "calls", async () => {
      await ready(page);
      await newest(page);
    });
    await page.goto(`${BASE}/console/calls?of=strays`);
    await ready(page);
    await everyLook(page, "calls-strays", () => ready(page));
  },

  async "calls are forgotten"() {
    const page = await calls();
    page.on("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("No call yet.").waitFor();
  },

  async "who is logged out hears of no more calls"() {
    const page = await calls();
    const other = await another(page);
    await other.goto(`${BASE}/console/debug`);
    await other.getByRole("button", { name: "Log out" }).click();
    await other.waitForURL(/\/console\/login/);
    await importAll(["after"]);
    await page.waitForURL(/\/console\/login/);
  },
});
