// Applications: made, changed and deleted here, and what that means for their calls.

import { BASE, PHONE, accessible, assert, call, everyLook, fits, loggedIn, run, tabTo } from "./lib.js";

const CHECK = "im_open_login_svc/account_check";
const list = (options = {}) => loggedIn("applications", options);

/** Makes an application; its number. */
async function made(page) {
  await page.goto(`${BASE}/console/applications`);
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByText(/^Application \d+ is created\.$/).waitFor();
  return /\d+/.exec(await page.textContent("#said"))[0];
}

/** A call of an application, for its code. */
const code = async (page, app) => (await call(page, CHECK, { CheckItem: [{ UserID: "a" }] }, { app })).ErrorCode;

await run({
  async "an application is made, its key shown once, and called at once"() {
    const page = await list();
    const app = await made(page);
    const key = await page.textContent("#key .boxed");
    assert.match(key, /^[0-9a-f]{64}$/);
    await accessible(page, "a key that is shown");
    assert.ok((await page.locator("#application option").allTextContents()).includes(app), "it can be picked");
    assert.equal(await code(page, app), 0);
    await page.getByRole("link", { name: app }).click();
    await page.waitForURL(`${BASE}/console/applications/${app}`);
    assert.ok(!(await page.content()).includes(key));
    await page.goto(`${BASE}/console/applications`);
    await page.getByLabel("SDKAppID, else the next one").fill(app);
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("there is an application of that SDKAppID already").waitFor();
  },

  async "keys are rotated: both are taken until the old one is retired"() {
    const page = await list();
    page.on("dialog", (dialog) => dialog.accept());
    const app = await made(page);
    await page.goto(`${BASE}/console/usersig?app=${app}`);
    await page.getByRole("button", { name: "Make" }).click();
    const old = await page.textContent("#minted-text");
    const by = (usersig) =>
      page.evaluate(
        async ([app, usersig, path]) => {
          const reply = await fetch(`/v4/${path}?sdkappid=${app}&identifier=administrator&usersig=${usersig}&random=1&contenttype=json`, { method: "POST", body: '{"CheckItem":[{"UserID":"a"}]}' });
          return (await reply.json()).ErrorCode;
        },
        [app, usersig, CHECK],
      );
    await page.goto(`${BASE}/console/applications/${app}`);
    await page.getByRole("button", { name: "Add a key" }).click();
    await page.waitForSelector("#key .boxed");
    assert.equal(await by(old), 0);
    assert.equal(await page.locator("#keys tbody tr").count(), 2);
    await page.getByRole("button", { name: "Retire the old ones" }).click();
    await page.getByText("The newest key alone is active now.").waitFor();
    assert.equal(await page.locator("#keys tbody tr").count(), 1);
    assert.equal(await by(old), 70009);
    assert.equal(await code(page, app), 0);
  },

  async "one that is disabled refuses its calls until it is enabled"() {
    const page = await list();
    const app = await made(page);
    await page.goto(`${BASE}/console/applications/${app}`);
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByRole("button", { name: "Enable" }).waitFor();
    assert.equal(await code(page, app), 60016);
    await page.getByRole("button", { name: "Enable" }).click();
    await page.getByRole("button", { name: "Disable" }).waitFor();
    assert.equal(await code(page, app), 0);
  },

  async "settings are set, a profile with its limits, and what is wrong is told"() {
    const page = await list();
    const app = await made(page);
    await page.goto(`${BASE}/console/applications/${app}`);
    await page.getByLabel("profile", { exact: true }).selectOption("2026");
    await page.getByLabel("administrators").fill("administrator,root");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved: administrators, profile.").waitFor();
    await page.getByText("Limits", { exact: true }).click();
    assert.equal(await page.getByLabel("limit.contact_group_name_bytes").inputValue(), "64");
    await page.getByLabel("limit.pins", { exact: true }).fill("none");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("limit.pins takes a number from 1 to 1000").waitFor();
    await page.getByLabel("limit.pins", { exact: true }).fill("7");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved: limit.pins.").waitFor();
    assert.equal((await call(page, CHECK, { CheckItem: [{ UserID: "root" }] }, { app, identifier: "root" })).ErrorCode, 0);
  },

  async "a rate is set, and its bucket empties as calls come"() {
    const page = await list();
    const app = await made(page);
    // A clock that stands still fills no bucket.
    await page.goto(`${BASE}/console/faults?app=${app}`);
    await page.locator("#freeze").click();
    await page.waitForSelector("#run");
    await page.goto(`${BASE}/console/applications/${app}`);
    await page.getByLabel("Command").selectOption(CHECK);
    await page.getByLabel("Calls a second; 0 is off").fill("3");
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await page.getByText(`Saved: call_rate.${CHECK}.`).waitFor();
    const row = page.locator("#rates tr", { hasText: CHECK });
    const left = (n) => row.locator("td").nth(2).getByText(String(n), { exact: true }).waitFor();
    await left(3);
    assert.deepEqual([await code(page, app), await code(page, app)], [0, 0]);
    await left(1);
    assert.deepEqual([await code(page, app), await code(page, app)], [0, 60007]);
    await left(0);
    await page.getByLabel("Calls a second; 0 is off").fill("many");
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await page.getByText("takes calls a second, 0 for off, or default").waitFor();
  },

  async "one is deleted where its number is typed, and not otherwise"() {
    const page = await list();
    const app = await made(page);
    await page.goto(`${BASE}/console/applications/${app}`);
    await page.getByLabel(`Type ${app} to confirm`).fill("1");
    await page.getByRole("button", { name: "Delete for good" }).click();
    await page.getByText("What was typed is not the SDKAppID.").waitFor();
    await page.getByLabel(`Type ${app} to confirm`).fill(app);
    await page.getByRole("button", { name: "Delete for good" }).click();
    await page.waitForURL(`${BASE}/console/applications`);
    assert.equal(await page.getByRole("link", { name: app }).count(), 0);
    await page.goto(`${BASE}/console/applications/${app}`);
    assert.ok(await page.getByText("There is no such page").isVisible());
  },

  async "by keyboard alone, on a phone and in every look"() {
    const page = await list();
    await tabTo(page, "#new-key");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#key .boxed");
    await everyLook(page, "applications");
    await page.getByRole("link", { name: /^\d+$/ }).first().click();
    await page.waitForURL(/applications\/\d+$/);
    await page.getByRole("button", { name: "Add a key" }).click();
    await page.waitForSelector("#key .boxed");
    await everyLook(page, "application", async () => {
      await page.locator("#limits summary").click();
    });
    const phone = await list({ viewport: PHONE, hasTouch: true, isMobile: true });
    await fits(phone);
  },
});
