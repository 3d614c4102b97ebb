// The debug tool: from nothing to a correct reply for every command, by mouse and by keyboard, and what it does to what is typed.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { BASE, PHONE, accessible, assert, everyLook, fits, loggedIn, open, run, tabTo, TOKEN, until } from "./lib.js";

const { paths } = await (await fetch(`${BASE}/openapi.json`)).json();
const COMMANDS = Object.keys(paths).filter((path) => path.startsWith("/v4/")).map((path) => path.slice("/v4/".length));
const shell = promisify(execFile);

async function ready(page) {
  await page.waitForSelector("#tool[data-ready]");
}

/** The tool, with this command. */
async function tool(path, options = {}) {
  const page = await loggedIn(`debug#/v4/${path}`, options);
  await ready(page);
  return page;
}

const json = (page) => page.inputValue("#json").then(JSON.parse);

/** Sends what is there; the reply, as it is shown, which is the reply that came. */
async function sent(page, send = () => page.click("#send")) {
  const reply = page.waitForResponse((response) => response.url().includes("/v4/") && response.request().method() === "POST");
  await send();
  const text = await (await reply).text();
  await page.waitForSelector("#reply .reply");
  await page.waitForSelector("#send:enabled");
  const shown = JSON.parse(await page.textContent("#reply .reply"));
  assert.deepEqual(shown, JSON.parse(text));
  return shown;
}

/** Makes what the request needs. */
async function prepared(page) {
  await page.click("#prepare");
  await page.waitForSelector("#prepare:enabled");
  return page.textContent("#prepared");
}

/** Every code of a reply. */
const codes = (reply) => [...JSON.stringify(reply).matchAll(/"(?:ErrorCode|ResultCode)":(\d+)/g)].map((match) => Number(match[1]));

await run({
  async "the first call of a new developer: log in, send, create what is missing"() {
    const page = await open();
    await page.goto(`${BASE}/console/login#token=${TOKEN}`);
    await page.getByRole("link", { name: "Debug tool" }).click();
    await ready(page);
    assert.equal((await sent(page)).ErrorCode, 50001);
    await accessible(page, "a failure and what can be done");
    await page.getByRole("button", { name: "Create what is missing and send again" }).click();
    await page.waitForSelector("#error-code.good");
    assert.equal(await page.textContent("#prepared"), "Imported: user15, user0.");
    assert.equal(JSON.parse(await page.textContent("#reply .reply")).GroupResultItem[0].GroupItem.GroupName, "test0");
  },

  async "every command, from its sample to a reply without a failure"() {
    const page = await tool(COMMANDS[0]);
    assert.deepEqual((await page.locator("#command option").evaluateAll((all) => all.map((one) => one.value))).sort(), [...COMMANDS].sort());
    for (const command of COMMANDS) {
      await page.selectOption("#command", command);
      await page.waitForURL(`${BASE}/console/debug#/v4/${command}`);
      if (command === "recentcontact/create_contact_group") {
        // The name of the sample is taken by the first test.
        await page.getByLabel("GroupName").fill("another");
      }
      await prepared(page);
      const reply = await sent(page);
      assert.ok(codes(reply).every((code) => code === 0), `${command}: ${JSON.stringify(reply)}`);
    }
  },

  async "by keyboard alone"() {
    const page = await tool("im_open_login_svc/account_import");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    await tabTo(page, "#command", 5);
    await tabTo(page, '[data-path="/UserID"]', 10);
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("of-the-keyboard");
    assert.equal((await sent(page, () => page.keyboard.press("Control+Enter"))).ErrorCode, 0);
    assert.equal((await json(page)).UserID, "of-the-keyboard");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.path), "/UserID", "the focus stays");
    await tabTo(page, "#send");
    assert.equal((await sent(page, () => page.keyboard.press("Enter"))).ErrorCode, 0);
    await tabTo(page, "#history button");
    await page.keyboard.press("Enter");
    await tabTo(page, 'a[aria-current="page"]');
  },

  async "the form and the JSON say the same"() {
    const page = await tool("recentcontact/mark_contact");
    await page.getByLabel("CustomMark").fill("it's “new”");
    assert.equal((await json(page)).MarkItem[0].CustomMark, "it's “new”");
    await page.getByRole("button", { name: "Add to SetMark" }).click();
    await page.keyboard.type("9");
    assert.deepEqual((await json(page)).MarkItem[0].SetMark, [1, 2, 3, 9]);
    await page.getByRole("button", { name: "Remove item 2 of SetMark" }).click();
    assert.deepEqual((await json(page)).MarkItem[0].SetMark, [1, 3, 9]);
    await page.getByRole("button", { name: "Add to MarkItem" }).click();
    assert.equal((await json(page)).MarkItem.length, 2);
    await page.getByLabel("OptType").first().selectOption("1");
    assert.equal((await json(page)).MarkItem[0].OptType, 1);
    await page.getByRole("button", { name: "Add to ClearMark" }).first().click();
    assert.equal((await json(page)).MarkItem[0].ClearMark.length, 1);
    await page.getByRole("button", { name: "Remove ClearMark" }).click();
    assert.equal((await json(page)).MarkItem[0].ClearMark, undefined);
    await page.getByLabel("From_Account").fill("x".repeat(33));
    assert.equal(await page.getByLabel("From_Account").getAttribute("aria-invalid"), "true");
    assert.ok(await page.getByText("33 of 32 bytes").isVisible());

    const other = { From_Account: 5, MarkItem: [{ OptType: "one", ContactItem: { Type: 2, GroupId: "g" } }], More: { of: "it" } };
    await page.fill("#json", JSON.stringify(other));
    assert.equal(await page.getByLabel("From_Account").inputValue(), "5", "a value of another type is shown as JSON");
    assert.ok(await page.getByText("Not described, so ignored: More").isVisible());
    assert.equal(await page.getByLabel("GroupId").inputValue(), "g", "another spelling is kept");
    await page.getByLabel("GroupId").fill("h");
    other.MarkItem[0].ContactItem.GroupId = "h";
    assert.deepEqual(await json(page), other, "what the form does not know stays");
    await page.getByLabel("From_Account").fill('"user0"');
    await page.getByLabel("OptType").focus();
    assert.equal(await page.getByLabel("From_Account").inputValue(), "user0", "and has its own control again once it is right");
    await page.getByRole("button", { name: "Reset to the sample" }).click();
    assert.equal((await json(page)).MarkItem[0].CustomMark, "abcd");
  },

  async "JSON that cannot be read is told, kept, and sent as it is"() {
    const page = await tool("recentcontact/get_contact_group");
    const broken = '{"From_Account": "user0", "StartIndex": }';
    await page.fill("#json", broken);
    assert.match(await page.textContent("#json-error"), /^This is no JSON: /);
    assert.equal(await page.getAttribute("#json", "aria-invalid"), "true");
    assert.equal(await page.getByLabel("From_Account").inputValue(), "user0");
    assert.ok(await page.evaluate(() => document.getElementById("form").inert));
    assert.equal(await page.inputValue("#json"), broken);
    await accessible(page, "JSON that cannot be read");
    assert.equal((await sent(page)).ErrorCode, 60003);
    assert.equal(await page.inputValue("#json"), broken);
    await page.selectOption("#command", "recentcontact/top");
    await page.waitForFunction(() => document.getElementById("json").value.includes("OperationType"));
    await page.selectOption("#command", "recentcontact/get_contact_group");
    await page.waitForFunction((broken) => document.getElementById("json").value === broken, broken);
    await page.fill("#json", '{"From_Account": "user1"}');
    assert.equal(await page.textContent("#json-error"), "");
    assert.equal(await page.getByLabel("From_Account").inputValue(), "user1");
  },

  async "every code is explained, with where it is documented, in the language of the page"() {
    const page = await tool("im_open_login_svc/account_check");
    await page.fill("#json", JSON.stringify({ CheckItem: [{ UserID: "administrator" }, { UserID: "" }] }));
    const reply = await sent(page);
    const wanted = [...new Set(codes(reply).map(String))].sort();
    assert.ok(wanted.includes("70402"), JSON.stringify(reply));
    const explained = () => page.locator("#reply .codes li").evaluateAll((all) => all.map((one) => one.dataset.code).sort());
    assert.deepEqual(await explained(), wanted);
    const bad = page.locator('#reply li[data-code="70402"]');
    assert.match(await bad.textContent(), /bad parameter of an account command/);
    assert.match(await bad.textContent(), /ResultItem\[1\]\.ResultCode/);
    assert.equal(await bad.getByRole("link").first().getAttribute("href"), "https://cloud.tencent.com/document/product/269/1608");
    await page.getByLabel("Language").selectOption("zh");
    await page.waitForSelector('html[lang="zh-CN"]');
    await ready(page);
    await page.fill("#json", JSON.stringify({ CheckItem: [{ UserID: "" }] }));
    await sent(page);
    assert.match(await page.textContent('#reply li[data-code="70402"]'), /帐号接口的请求参数非法/);
  },

  async "a call is signed as whoever is chosen"() {
    const page = await tool("im_open_login_svc/account_import");
    assert.equal(await page.getByLabel("Signed as").inputValue(), "administrator");
    await page.getByLabel("Signed as").fill("nobody");
    assert.equal((await sent(page)).ErrorCode, 60010);
    await page.getByLabel("Signed as").fill("");
    await page.click("#send");
    await page.getByText("The call could not be signed: identifier").waitFor();
  },

  async "calls are kept and brought back"() {
    const page = await tool("im_open_login_svc/account_import");
    for (const id of ["first", "second"]) {
      await page.getByLabel("UserID").fill(id);
      await sent(page);
    }
    await page.reload();
    await ready(page);
    await page.selectOption("#command", "recentcontact/top");
    const kept = page.locator("#history button");
    assert.equal(await kept.count(), 2);
    await kept.nth(1).click();
    await page.waitForURL(/account_import$/);
    await until(async () => (await json(page)).UserID === "first");
    await page.getByRole("button", { name: "Clear" }).click();
    assert.equal(await kept.count(), 0);
    assert.ok(await page.getByText("Calls that you send are kept here").isVisible());
  },

  async "the curl of a call works in a shell, whatever the body has"() {
    const page = await tool("im_open_login_svc/account_import");
    const nick = `it's $HOME \`id\` "x" \\ 中文 !`;
    await page.fill("#json", JSON.stringify({ UserID: "of-curl", Nick: nick }));
    await page.getByRole("button", { name: "Copy as curl" }).click();
    await accessible(page, "the dialog of curl");
    const whole = await page.inputValue("#curl-text");
    assert.equal(JSON.parse((await shell("sh", ["-c", whole])).stdout).ErrorCode, 0, whole);
    await page.getByLabel("With a UserSig that is good for a day").uncheck();
    const without = await page.inputValue("#curl-text");
    const usersig = /usersig=([^&']+)/.exec(whole)[1];
    assert.ok(!without.includes(usersig), without);
    const { stdout } = await shell("sh", ["-c", without], { env: { ...process.env, USERSIG: usersig } });
    assert.equal(JSON.parse(stdout).ErrorCode, 0, without);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy", exact: true }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), without);
    assert.ok(!(await page.locator("#curl-dialog").isVisible()));
  },

  async "a link of the vendor's documentation needs only another host"() {
    const page = await loggedIn("debug");
    const places = ["/im-api-tool/", "/im-api-tool/index.html", "/im-api-tool", "/console/", "/", "/console/nothing", "/console/debug"];
    for (const place of places) {
      await page.goto("about:blank");
      await page.goto(`${BASE}${place}#/v4/recentcontact/update_contact_group?locale=en-US`);
      await ready(page);
      assert.equal(await page.inputValue("#command"), "recentcontact/update_contact_group", place);
    }
    await page.goto(`${BASE}/console/debug#/v4/recentcontact/no_such_command`);
    await page.getByText("No command has the path recentcontact/no_such_command.").waitFor();
    await page.goto(`${BASE}/im/APITester/APITester.html#v4/openim/importmsg`);
    await page.waitForFunction(() => document.getElementById("command")?.value === "openim/importmsg");
    const stranger = await open();
    await stranger.goto(`${BASE}/im-api-tool/#/v4/openim/sendmsg`);
    await stranger.getByLabel("Admin token").fill(TOKEN);
    await stranger.keyboard.press("Enter");
    await ready(stranger);
    assert.equal(await stranger.inputValue("#command"), "openim/sendmsg");
  },

  async "on a phone"() {
    const page = await tool("recentcontact/search_contact_group", { viewport: PHONE, hasTouch: true, isMobile: true });
    await fits(page);
    await page.getByRole("button", { name: "Menu" }).click();
    assert.ok(await page.getByRole("link", { name: "Debug tool" }).isVisible());
    await accessible(page, "the menu on a phone");
    await page.keyboard.press("Escape");
    assert.ok(!(await page.getByRole("link", { name: "Debug tool" }).isVisible()));
    await prepared(page);
    assert.equal((await sent(page)).ErrorCode, 0);
    await fits(page);
  },

  async "in every look"() {
    const page = await tool("recentcontact/update_contact_group");
    await everyLook(page, "debug", async () => {
      await ready(page);
      await sent(page);
    });
    await page.selectOption("#command", "group_open_http_svc/send_group_msg");
    await page.waitForURL(/send_group_msg$/);
    await everyLook(page, "debug-failure", async () => {
      await ready(page);
      await sent(page);
    });
  },
});
