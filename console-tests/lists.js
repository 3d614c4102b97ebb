// The pages of accounts and of chat groups.

import { BASE, PHONE, accessible, assert, everyLook, fits, loggedIn, picture, run, tabTo } from "./lib.js";
import { APP, call, contactGroup, importAll, say, user } from "./api.js";

const rows = (page) => page.locator("#list tbody tr th").evaluateAll((all) => all.map((one) => one.firstElementChild.textContent));
const imported = async (id) => (await call("im_open_login_svc/account_check", { CheckItem: [{ UserID: id }] })).ResultItem[0].AccountStatus === "Imported";

await run({
  async "an application without accounts and chat groups says what to do"() {
    const page = await loggedIn("accounts");
    await page.getByText("No account is imported yet").waitFor();
    await everyLook(page, "accounts-empty");
    await page.goto(`${BASE}/console/chat-groups`);
    await page.getByText("There is no chat group yet").waitFor();
    await everyLook(page, "chat-groups-empty");
  },

  async "accounts are imported line by line, looked for and deleted"() {
    const page = await loggedIn("accounts");
    await page.getByLabel("UserIDs").fill(`ann\tAnn Example\n  bob  \n\n${"x".repeat(33)}\ncat`);
    await page.getByRole("button", { name: "Import" }).click();
    await page.getByText("Imported: 3").waitFor();
    assert.match(await page.locator(".told").textContent(), /Not done: x{33}$/);
    assert.equal(await page.getByLabel("UserIDs").inputValue(), "");
    assert.deepEqual(await rows(page), ["ann", "bob", "cat"]);
    assert.ok(await imported("bob"));
    await page.getByLabel("Search").pressSequentially("EXAM");
    await page.locator("#list tbody tr").filter({ hasText: "bob" }).waitFor({ state: "detached" });
    assert.deepEqual(await rows(page), ["ann"]);
    await page.getByLabel("Search").fill("nobody");
    await page.getByText("Nothing has this text in it.").waitFor();
    await page.getByLabel("Search").fill("");
    await page.locator("#list tbody tr").filter({ hasText: "bob" }).waitFor();
    page.once("dialog", (dialog) => dialog.dismiss());
    await page.getByRole("button", { name: "Delete: bob" }).click();
    assert.ok(await imported("bob"));
    page.once("dialog", (dialog) => {
      assert.match(dialog.message(), /bob$/);
      dialog.accept();
    });
    await page.getByRole("button", { name: "Delete: bob" }).click();
    await page.getByText("Deleted: bob").waitFor();
    assert.deepEqual([await rows(page), await imported("bob")], [["ann", "cat"], false]);
    // The board of one is a click away.
    await page.getByRole("link", { name: "ann" }).click();
    await page.getByText("has no contact group yet").waitFor();
  },

  async "accounts come page by page, and each tells what its board holds"() {
    await importAll(Array.from({ length: 60 }, (_, n) => `many-${String(n).padStart(2, "0")}`));
    await contactGroup("many-00", "Friends", ["many-01", "many-02"].map(user));
    await say("many-01", "many-00");
    const page = await loggedIn("accounts");
    await page.getByLabel("Search").fill("many-");
    await page.waitForFunction(() => document.querySelectorAll("#list tbody tr").length === 50 && document.querySelector("#list tbody th").textContent === "many-00");
    assert.deepEqual(await page.locator("#list tbody tr").first().locator(".number").allTextContents(), ["1", "2", "1"]);
    await everyLook(page, "accounts", async () => await page.getByRole("link", { name: "many-00" }).waitFor());
    await page.getByLabel("Search").fill("many-");
    await page.waitForFunction(() => document.querySelector("#list tbody th").textContent === "many-00");
    await page.getByRole("button", { name: "Next page" }).click();
    await page.getByRole("link", { name: "many-59" }).waitFor();
    assert.equal((await rows(page)).length, 10);
    await page.getByRole("button", { name: "First page" }).click();
    await page.getByRole("link", { name: "many-00" }).waitFor();
  },

  async "what cannot be imported is told in the form, and nothing typed is lost"() {
    const page = await loggedIn("accounts");
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByLabel("UserIDs").fill("administrator");
    await page.getByRole("button", { name: "Import" }).click();
    await page.getByText("Imported: 1").waitFor();
    await page.getByRole("button", { name: "Delete: administrator" }).click();
    await page.getByRole("alert").filter({ hasText: "70402" }).waitFor();
    await accessible(page);
  },

  async "a chat group is created, found, and gets and loses members until it is dissolved"() {
    await importAll(["ann", "cat", "dan"]);
    const page = await loggedIn("chat-groups");
    await page.getByLabel("Name").fill("Chess club");
    await page.getByLabel("GroupId", { exact: true }).fill("chess");
    await page.getByLabel("Owner").fill("nobody-here");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("alert").filter({ hasText: "10019" }).waitFor();
    assert.equal(await page.getByLabel("Name").inputValue(), "Chess club");
    await picture(page, "chat-groups-refused");
    await page.getByLabel("Owner").fill("ann");
    await page.getByRole("textbox", { name: "Members" }).fill("cat");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("Created: chess").waitFor();
    assert.equal(await page.getByLabel("Name").inputValue(), "");
    await call("group_open_http_svc/create_group", { Type: "Work", Name: "象棋俱乐部", GroupId: "other" });
    await page.getByLabel("Search").fill("象棋");
    await page.getByRole("link", { name: "other" }).waitFor();
    assert.deepEqual(await rows(page), ["other"]);
    await everyLook(page, "chat-groups", async () => await page.getByRole("link", { name: "chess" }).waitFor());
    await page.getByRole("link", { name: "chess" }).click();
    await page.getByRole("button", { name: "Remove: cat" }).waitFor();
    await everyLook(page, "chat-group");
    await page.getByRole("textbox", { name: "Members" }).fill("dan\nnobody-here");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("Added: 1").waitFor();
    assert.match(await page.locator(".told").textContent(), /Not done: nobody-here$/);
    await page.getByRole("button", { name: "Remove: cat" }).click();
    await page.getByText("Removed: cat").waitFor();
    assert.deepEqual(await rows(page), ["ann", "dan"]);
    assert.equal(await page.getByRole("button", { name: "Remove: ann" }).count(), 0);
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Dissolve" }).click();
    await page.waitForURL(/chat-groups\?app=/);
    await page.getByRole("link", { name: "other" }).waitFor();
    assert.deepEqual(await rows(page), ["other"]);
    await page.goto(`${BASE}/console/chat-groups/one?app=${APP}&id=chess`);
    await page.getByText("There is no such chat group").waitFor();
    await accessible(page);
  },

  async "the board suggests accounts as one types"() {
    await importAll(["suggested-1", "suggested-2"]);
    const page = await loggedIn("board");
    await page.getByLabel("UserID").pressSequentially("GGESTED");
    await page.waitForFunction(() => [...document.querySelectorAll("#users option")].map((one) => one.value).join() === "suggested-1,suggested-2");
  },

  async "a list is used by keyboard alone"() {
    await importAll(["keys"]);
    const page = await loggedIn("accounts");
    await tabTo(page, "#text");
    await page.keyboard.type("keys");
    await page.waitForFunction(() => document.querySelectorAll("#list tbody tr").length === 1 && document.activeElement.id === "text");
    await tabTo(page, "#list a");
    await page.keyboard.press("Enter");
    await page.waitForURL(/board\?app=.*user=keys/);
  },

  async "a phone shows lists without scrolling the page sideways"() {
    const page = await loggedIn("accounts", { viewport: PHONE, hasTouch: true, isMobile: true });
    await fits(page);
    await page.goto(`${BASE}/console/chat-groups`);
    await fits(page);
  },
});
