// Faults, the clock, the checking of UserSigs and the data: what is done in the page holds for the API, and the banner tells of it.

import { BASE, PHONE, accessible, assert, call, everyLook, fits, loggedIn, run, tabTo } from "./lib.js";

const IMPORT = "im_open_login_svc/account_import";
const CHECK = "im_open_login_svc/account_check";

const faults = (options = {}) => loggedIn("faults", options);
const banner = (page, text) => page.locator("#banners").getByText(text).waitFor();

/** Whether an account is imported. */
async function isThere(page, id) {
  const { ResultItem } = await call(page, CHECK, { CheckItem: [{ UserID: id }] });
  return ResultItem[0].AccountStatus === "Imported";
}

await run({
  async "a fault that is added here strikes a call, is counted, and is cleared"() {
    const page = await faults();
    assert.ok(await page.getByText("No fault: every call").isVisible());
    await page.getByLabel("Command").selectOption(IMPORT);
    await page.getByLabel("ErrorCode").fill("70500");
    await page.getByLabel("ErrorInfo").fill("asked for");
    await page.getByText("Only some calls").click();
    await page.getByLabel("The first n").fill("1");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.waitForSelector("#fault-list tbody tr");
    await banner(page, "Faults of this application: 1.");
    const reply = await call(page, IMPORT, { UserID: "struck" });
    assert.deepEqual([reply.ErrorCode, reply.ErrorInfo], [70500, "asked for"]);
    assert.equal((await call(page, IMPORT, { UserID: "spared" })).ErrorCode, 0);
    await page.waitForFunction(() => [...document.querySelectorAll("#fault-list td.number")].map((cell) => cell.textContent).join() === "2,1");
    await accessible(page, "a fault");
    await page.getByRole("button", { name: "Clear fault" }).click();
    await page.getByText("No fault: every call").waitFor();
    await page.waitForFunction(() => !document.getElementById("banners").textContent.includes("Faults"));
  },

  async "what does not go together is told, and nothing is added"() {
    const page = await faults();
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("error_code is required").waitFor();
    await page.getByLabel("What happens").selectOption("item");
    await page.getByLabel("ResultCode").fill("51007");
    await page.getByLabel("Command").selectOption(IMPORT);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("no item of this command has a result").waitFor();
    assert.ok(await page.getByText("No fault: every call").isVisible());
  },

  async "a connection is dropped, and a reply is cut off, after the command took effect"() {
    const page = await faults();
    await page.getByLabel("What happens").selectOption("drop");
    await page.getByLabel("When").selectOption("after");
    await page.getByLabel("Command").selectOption(IMPORT);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.waitForSelector("#fault-list tbody tr");
    assert.ok((await call(page, IMPORT, { UserID: "dropped" })).broken);
    assert.ok(await isThere(page, "dropped"));
    await page.getByRole("button", { name: "Clear all" }).click();
    await page.getByText("No fault: every call").waitFor();
  },

  async "the clock is frozen and goes on, and the banner says so"() {
    const page = await faults();
    await page.getByLabel("Freeze at Unix seconds").fill("1700000000");
    await page.locator("#clock form", { has: page.locator("#at") }).getByRole("button").click();
    await banner(page, "The clock of this application stands still.");
    await page.waitForFunction(() => document.getElementById("unix").textContent === "1700000000");
    await page.getByRole("button", { name: "+1 h" }).click();
    await page.waitForFunction(() => document.getElementById("unix").textContent === "1700003600");
    // A signature made by that clock is taken by it.
    assert.equal((await call(page, CHECK, { CheckItem: [{ UserID: "a" }] })).ErrorCode, 0);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await banner(page, "another time than the system's");
    await page.waitForFunction(() => Number(document.getElementById("unix").textContent) > 1700003600);
    await page.goto(`${BASE}/console/debug`);
    await banner(page, "another time than the system's");
    await page.goto(`${BASE}/console/faults`);
    await page.getByRole("button", { name: "System time" }).click();
    await page.waitForFunction(() => !document.getElementById("banners").textContent.includes("clock"));
  },

  async "how UserSigs are checked is chosen, and the banner says so"() {
    const page = await faults();
    await page.getByLabel("Off: none is looked at").check();
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await banner(page, "UserSigs of this application are not checked at all.");
    const unsigned = await page.evaluate(async () => {
      const app = document.getElementById("application").value;
      return (await fetch(`/v4/im_open_login_svc/account_check?sdkappid=${app}&identifier=administrator&usersig=none&random=1&contenttype=json`, { method: "POST", body: '{"CheckItem":[{"UserID":"a"}]}' })).json();
    });
    assert.equal(unsigned.ErrorCode, 0);
    await page.getByLabel("Strict: as documented").check();
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await page.waitForFunction(() => !document.getElementById("banners").textContent.includes("UserSigs"));
  },

  async "a seed is loaded, a snapshot taken and restored, and a reset goes back to the seed"() {
    const page = await faults();
    page.on("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Load" }).click();
    await page.getByText("Loaded; records that changed:").waitFor();
    assert.ok(await isThere(page, "alice"));
    await call(page, IMPORT, { UserID: "later" });
    await page.getByLabel("Name").fill("with-later");
    await page.getByRole("button", { name: "Take a snapshot" }).click();
    await page.getByText("Snapshot with-later is taken.").waitFor();
    await page.getByRole("button", { name: "Reset" }).click();
    await page.getByText("Reset; records that changed:").waitFor();
    assert.deepEqual([await isThere(page, "alice"), await isThere(page, "later")], [true, false]);
    await page.getByRole("button", { name: "Restore" }).click();
    await page.getByText("Back to snapshot with-later").waitFor();
    assert.ok(await isThere(page, "later"));
    await page.fill("#data", '{"users": [{"user": "x"}]}');
    await page.getByRole("button", { name: "Load" }).click();
    await page.getByText("users[0]").waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByText("None yet. Take one before a test").waitFor();
  },

  async "by keyboard alone"() {
    const page = await faults();
    await tabTo(page, "#error_code");
    await page.keyboard.type("60008");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#fault-list tbody tr");
    await tabTo(page, "#freeze");
    await page.keyboard.press("Enter");
    await banner(page, "stands still");
    await tabTo(page, "#system");
    await page.keyboard.press("Space");
    await page.waitForFunction(() => !document.getElementById("banners").textContent.includes("clock"));
  },

  async "on a phone and in every look"() {
    const page = await faults();
    await page.getByRole("button", { name: "Freeze", exact: true }).first().click();
    await banner(page, "stands still");
    await page.waitForSelector("#fault-list tbody tr");
    await everyLook(page, "faults");
    const phone = await faults({ viewport: PHONE, hasTouch: true, isMobile: true });
    await fits(phone);
  },
});
