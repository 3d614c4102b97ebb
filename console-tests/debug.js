// The debug tool: from nothing to a correct reply for every command, by mouse and by keyboard, and what it does to what is typed.

import { BASE, assert, everyLook, loggedIn, run, tabTo } from "./lib.js";

const COMMANDS = (await (await fetch(`${BASE}/openapi.json`)).json()).paths;

/** The tool, with this command. */
async function tool(path = "", options = {}) {
  const page = await loggedIn(`debug${path ? `#/v4/${path}` : ""}`, options);
  await page.waitForSelector("#tool[data-ready]");
  return page;
}

const json = (page) => page.inputValue("#json").then(JSON.parse);

/** Sends what is there; the reply, as it is shown. */
async function sent(page, send = () => page.click("#send")) {
  const reply = page.waitForResponse((response) => response.url().includes("/v4/") && response.request().method() === "POST");
  await send();
  const text = await (await reply).text();
  await page.waitForSelector("#reply .reply");
  const shown = JSON.parse(await page.textContent("#reply .reply"));
  assert.deepEqual(shown, JSON.parse(text));
  return shown;
}

/** Every code of a reply. */
const codes = (reply) => [...JSON.stringify(reply).matchAll(/"(?:ErrorCode|ResultCode)":(\d+)/g)].map((match) => Number(match[1]));

await run({
  async "the first call of a new developer: log in, send, create what is missing"() {
    const page = await loggedIn();
    await page.goto(`${BASE}/console/debug`);
    await page.waitForSelector("#tool[data-ready]");
    const refused = await sent(page);
    assert.equal(refused.ErrorCode, 50001);
    await page.click("#fix");
    await page.waitForSelector("#error-code.good");
    assert.match(await page.textContent("#prepared"), /Imported: user15, user0/);
    assert.equal(JSON.parse(await page.textContent("#reply .reply")).GroupResultItem[0].GroupItem.GroupName, "test0");
  },

  async "every command, from its sample to a correct reply"() {
    const page = await tool();
    for (const path of Object.keys(COMMANDS)) {
      const command = path.replace("/v4/", "");
      await page.selectOption("#command", command);
      await page.waitForFunction((path) => location.hash === `#${path}`, path);
      await page.click("#prepare");
      await page.waitForSelector("#prepare:enabled");
      let reply = await sent(page);
      if (command === "recentcontact/create_contact_group" && reply.ErrorCode !== 0) {
        // The first test has made it.
        await page.fill("#json", JSON.stringify(await json(page)).replace("test0", "test9"));
        reply = await sent(page);
      }
      assert.deepEqual([...new Set(codes(reply))], [0], `${command}: ${JSON.stringify(reply)}`);
    }
  },

  async "everyLook"() {
    const page = await tool("recentcontact/update_contact_group");
    await everyLook(page, "debug", async (page) => {
      await page.waitForSelector("#tool[data-ready]");
      await page.click("#send");
      await page.waitForSelector("#reply .reply");
    });
  },
});
