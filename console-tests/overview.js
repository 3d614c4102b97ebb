// The overview: where the console begins, with the first steps and figures that move.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { BASE, PHONE, accessible, assert, call, everyLook, fits, logIn, loggedIn, run, tabTo } from "./lib.js";

const IMPORT = "im_open_login_svc/account_import";
const shell = promisify(execFile);

/** Two figures or more, so that there is a line. */
async function ready(page) {
  await page.waitForFunction(() => Number(document.getElementById("overview").dataset.ready) >= 1);
}

await run({
  async "the console begins here, and a newcomer finds the first steps"() {
    const page = await logIn();
    assert.equal(page.url(), `${BASE}/console/overview`);
    assert.equal(await page.textContent("#base"), BASE);
    await page.getByRole("button", { name: "Copy a curl that works now" }).click();
    await page.waitForSelector("#curl-text:not([hidden])");
    const { stdout } = await shell("sh", ["-c", await page.textContent("#curl-text")]);
    assert.equal(JSON.parse(stdout).ErrorCode, 0);
    await page.getByRole("link", { name: "Send the first call" }).click();
    await page.waitForURL(/\/console\/debug/);
  },

  async "calls and failures are counted and drawn"() {
    const page = await loggedIn("overview");
    await ready(page);
    const total = () => page.evaluate(() => Number(document.getElementById("total").textContent.replaceAll(",", "")));
    const before = await total();
    for (let n = 0; n < 5; n += 1) await call(page, IMPORT, { UserID: `user${n}` });
    await call(page, IMPORT, { UserID: "" });
    await page.waitForFunction((wanted) => Number(document.getElementById("total").textContent.replaceAll(",", "")) >= wanted, before + 6);
    assert.match(await page.textContent("#codes"), /70402/);
    assert.match(await page.textContent("#commands"), /account_import/);
    assert.match(await page.textContent("#latency"), /p50: .*s.*p99: .*s/s);
    assert.match(await page.textContent("#health"), /serving/);
    assert.ok((await page.locator("#throughput polyline").count()) >= 1);
    await accessible(page, "figures");
  },

  async "by keyboard, on a phone and in every look"() {
    const page = await loggedIn("overview");
    await tabTo(page, "#curl");
    await everyLook(page, "overview", async () => {
      await ready(page);
      for (let n = 0; n < 5; n += 1) await call(page, IMPORT, { UserID: `user${n}` });
      const points = await page.getAttribute("#overview", "data-ready");
      await page.waitForFunction((points) => document.getElementById("overview").dataset.ready !== points, points);
    });
    const phone = await loggedIn("overview", { viewport: PHONE, hasTouch: true, isMobile: true });
    await ready(phone);
    await fits(phone);
  },
});
