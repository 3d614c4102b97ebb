// The console of an emulator: it says so, records every call by itself, and those that name no application, too.

import { BASE, assert, everyLook, loggedIn, run } from "./lib.js";

await run({
  async "calls that name no application are seen and explained, and cannot be sent again"() {
    const page = await loggedIn("calls?of=strays");
    await page.locator("#banners").getByText("Emulator:").waitFor();
    await page.waitForSelector("#calls[data-ready]");
    assert.equal(await page.getByLabel("Record calls").count(), 0, "there is nothing to choose");
    await fetch(`${BASE}/v4/recentcontact/top?random=1`, { method: "POST", body: "{}" });
    await page.waitForSelector("#list [data-call]");
    await everyLook(page, "calls-emulator", async () => {
      await page.waitForSelector("#list [data-call]");
      await page.locator("#list [data-call]").first().click();
      await page.waitForSelector("#detail .refused");
    });
    assert.equal(await page.locator('[data-do="replay"]').count(), 0);
    await page.goto(`${BASE}/console/calls`);
    await page.getByText("No call yet.").waitFor();
  },
});
