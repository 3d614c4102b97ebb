// The user board: every act by mouse or keyboard, what is refused, and what changes elsewhere.

import { BASE, PHONE, accessible, another, assert, everyLook, fits, loggedIn, picture, run, tabTo } from "./lib.js";
import { APP, call, chatGroup, contactGroup, importAll, mark, pin, say, user } from "./api.js";

const board = (of) => `board?app=${APP}&user=${encodeURIComponent(of)}`;
const column = (page, name) => page.locator(".column", { has: page.getByRole("heading", { name, exact: true }) });
const card = (page, name, id) => column(page, name).locator(`.conversation[data-id="${id}"]`);
/** The ids in a column, in their order. */
const ids = (page, name) => column(page, name).locator(".conversation").evaluateAll((all) => all.map((one) => one.dataset.id));
const conversations = async (of) => (await call("recentcontact/get_contact_group", { From_Account: of, StartIndex: 0 })).ContactItem ?? [];
const conversation = async (of, id) => (await conversations(of)).find((one) => (one.To_Account ?? one.ToGroupId) === id);

/** A user with two contact groups, bob in the first. */
async function someone(of) {
  await importAll([of, "bob", "cat", "dan"]);
  await contactGroup(of, "Friends", [user("bob")]);
  await contactGroup(of, "Work", [user("cat")]);
}

/** Takes a card with the mouse and lets it go over a column. */
async function drag(page, from, to) {
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  await page.mouse.move(start.x + 60, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(start.x + 80, start.y + 30, { steps: 3 });
  await page.mouse.move(end.x + end.width / 2, end.y + Math.min(end.height / 2, 150), { steps: 8 });
  await page.mouse.up();
}

await run({
  async "a newcomer is told what to do, imports a user and makes the first contact group"() {
    const page = await loggedIn("board");
    await everyLook(page, "board-no-user");
    await page.getByLabel("UserID").fill("new comer");
    await page.getByRole("button", { name: "Open the board" }).click();
    await page.getByText("is not imported").waitFor();
    await everyLook(page, "board-not-imported");
    await page.getByRole("button", { name: "Import it" }).click();
    await page.getByText("has no contact group yet").waitFor();
    await everyLook(page, "board-empty");
    await page.getByLabel("Name", { exact: true }).fill("First");
    await page.getByRole("button", { name: "Create" }).click();
    await column(page, "First").waitFor();
    assert.equal(await page.getByLabel("Name", { exact: true }).last().inputValue(), "");
    // The user is remembered.
    await page.goto(`${BASE}/console/board`);
    await column(page, "First").waitFor();
  },

  async "a board in every look"() {
    await importAll(["ann", "bob", "cat", "dan", "eve", "fay", "gus"]);
    await call("im_open_login_svc/account_import", { UserID: "hal", Nick: "Hal 9000" });
    await call("group_open_http_svc/create_group", { Type: "Public", Name: "Chess club", GroupId: "chess", Owner_Account: "ann" });
    await contactGroup("ann", "Friends", ["bob", "cat", "hal"].map(user));
    await contactGroup("ann", "工作", [user("dan"), chatGroup("chess"), user("bob")]);
    await contactGroup("ann", "Later");
    await mark("ann", [user("bob"), [1, 2]], [user("cat"), [3, 4, 7, 33, 64], "VIP · 华东区"], [user("eve"), [1], "important"], [user("gus"), [40]]);
    await pin("ann", user("cat"), user("eve"));
    await say("fay", "ann");
    await call("im_open_login_svc/account_delete", { DeleteItem: [{ UserID: "gus" }] });
    const page = await loggedIn(board("ann"));
    await page.locator("#live.good").waitFor();
    assert.deepEqual(await ids(page, "Friends"), ["cat", "bob", "hal"]);
    assert.deepEqual(await ids(page, "In no contact group"), ["eve", "fay", "gus"]);
    await everyLook(page, "board", async () => await page.locator("#live.good").waitFor());
    await card(page, "Friends", "cat").locator(".name").click();
    await page.getByRole("dialog").waitFor();
    await accessible(page, "the sheet");
    await picture(page, "board-sheet-en-light");
    await everyLook(page, "board-sheet", async () => {
      await page.locator("#live.good").waitFor();
      await page.locator('#c-1-1-cat .name').click();
      await page.getByRole("dialog").waitFor();
    });
  },

  async "a card is dragged to another contact group, to none, and back"() {
    await someone("dragger");
    await mark("dragger", [user("bob"), [2]]);
    const page = await loggedIn(board("dragger"));
    await drag(page, card(page, "Friends", "bob"), column(page, "Work"));
    await card(page, "Work", "bob").waitFor();
    assert.deepEqual([await ids(page, "Friends"), await ids(page, "Work")], [[], ["bob", "cat"]]);
    assert.deepEqual((await conversation("dragger", "bob")).ContactGroupId, [2]);
    await drag(page, card(page, "Work", "bob"), column(page, "In no contact group"));
    await card(page, "In no contact group", "bob").waitFor();
    assert.equal((await conversation("dragger", "bob")).ContactGroupId, undefined);
    await drag(page, card(page, "In no contact group", "bob"), column(page, "Friends"));
    await card(page, "Friends", "bob").waitFor();
    assert.deepEqual((await conversation("dragger", "bob")).ContactGroupId, [1]);
    // A drag opens no sheet, and one that ends where it began does nothing.
    assert.equal(await page.locator("dialog[open]").count(), 0);
    // With Ctrl it is in both.
    await page.keyboard.down("Control");
    await drag(page, card(page, "Friends", "bob"), column(page, "Work"));
    await page.keyboard.up("Control");
    await card(page, "Work", "bob").waitFor();
    assert.deepEqual((await conversation("dragger", "bob")).ContactGroupId, [1, 2]);
  },

  async "a finger drags a card by its grip"() {
    await someone("toucher");
    const page = await loggedIn(board("toucher"), { hasTouch: true, isMobile: true, viewport: { width: 900, height: 700 } });
    const grip = await card(page, "Friends", "bob").locator(".grip").boundingBox();
    const to = await column(page, "Work").boundingBox();
    const client = await page.context().newCDPSession(page);
    const touch = (type, x, y) => client.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
    await touch("touchStart", grip.x + 5, grip.y + 5);
    for (let n = 1; n <= 8; n += 1) await touch("touchMove", grip.x + ((to.x + 90 - grip.x) * n) / 8, grip.y + 10 * n);
    await touch("touchEnd");
    await card(page, "Work", "bob").waitFor();
    assert.deepEqual((await conversation("toucher", "bob")).ContactGroupId, [2]);
  },

  async "a conversation moves to another contact group by the keyboard alone, and stays in focus"() {
    await someone("typist");
    const page = await loggedIn(board("typist"));
    await tabTo(page, "#n-1-1-bob");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.id === "sheet-to");
    await accessible(page);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await card(page, "Work", "bob").waitFor();
    await page.waitForFunction(() => document.activeElement?.id === "n-2-1-bob");
    assert.equal(await page.locator("dialog[open]").count(), 0);
    assert.deepEqual((await conversation("typist", "bob")).ContactGroupId, [2]);
    // Into another group beside the one it is in, and out of it: the sheet stays open, and the focus where it was.
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.id === "sheet-to");
    await tabTo(page, "#in-1");
    await page.keyboard.press("Space");
    await card(page, "Friends", "bob").waitFor();
    await page.waitForFunction(() => document.activeElement?.id === "in-1" && document.activeElement.checked);
    await page.keyboard.press("Space");
    await card(page, "Friends", "bob").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.id === "n-2-1-bob");
  },

  async "stars, marks, the custom mark and pins are set and taken away"() {
    await someone("marker");
    const page = await loggedIn(board("marker"));
    const star = () => card(page, "Friends", "bob").getByRole("button", { name: "Star: bob" });
    const pressed = async (locator, wanted) => await page.waitForFunction(([one, value]) => one.getAttribute("aria-pressed") === value, [await locator.elementHandle(), wanted]);
    await star().click();
    await page.locator('#s-1-1-bob[aria-pressed="true"]').waitFor();
    assert.equal((await conversation("marker", "bob")).StandardMark, "1");
    await star().click();
    await page.locator('#s-1-1-bob[aria-pressed="false"]').waitFor();
    await card(page, "Friends", "bob").getByRole("button", { name: "Pin: bob" }).click();
    await page.locator('#p-1-1-bob[aria-pressed="true"]').waitFor();
    await card(page, "Friends", "bob").locator(".name").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Unread" }).click();
    await dialog.locator('#mark-2[aria-pressed="true"]').waitFor();
    await dialog.getByText("the application's own").click();
    await dialog.getByRole("button", { name: "Mark 33", exact: true }).click();
    await dialog.locator('#mark-33[aria-pressed="true"]').waitFor();
    await pressed(dialog.locator("#sheet-pin"), "true");
    await dialog.getByLabel("Custom mark").fill("VIP");
    await page.keyboard.press("Enter");
    await page.locator("#c-1-1-bob .custom").waitFor();
    const found = await conversation("marker", "bob");
    assert.deepEqual([found.StandardMark, found.CustomMark], [`1${"0".repeat(30)}10`, "VIP"]);
    await dialog.getByLabel("Custom mark").fill("x".repeat(257));
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("alert").filter({ hasText: "50002" }).waitFor();
    assert.equal((await dialog.getByLabel("Custom mark").inputValue()).length, 257);
    await dialog.getByLabel("Custom mark").fill("");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.locator("#c-1-1-bob .custom").waitFor({ state: "detached" });
    assert.equal((await conversation("marker", "bob")).CustomMark, undefined);
  },

  async "a contact group is renamed and deleted in place, a conversation is added, and one that is not there is refused in place"() {
    await someone("renamer");
    const page = await loggedIn(board("renamer"));
    await page.getByRole("button", { name: "Rename: Friends" }).click();
    await page.keyboard.type("Close friends");
    await page.keyboard.press("Enter");
    await column(page, "Close friends").waitFor();
    await page.waitForFunction(() => document.activeElement?.id === "o-rename-1");
    await page.getByRole("button", { name: "Rename: Close friends" }).click();
    await page.keyboard.type("Work");
    await page.keyboard.press("Enter");
    await page.locator("#no-1").filter({ hasText: "another contact group is named" }).waitFor();
    assert.equal(await page.locator("#name-1").inputValue(), "Work");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Add a conversation: Work" }).click();
    await page.locator("#id-2").fill("nobody-here");
    await page.keyboard.press("Enter");
    await page.locator("#no-2").filter({ hasText: "50001" }).waitFor();
    assert.equal(await page.locator("#no-1").textContent(), "");
    await accessible(page);
    await picture(page, "board-refused");
    assert.equal(await page.locator("#id-2").inputValue(), "nobody-here");
    await page.locator("#id-2").fill("dan");
    await page.keyboard.press("Enter");
    await card(page, "Work", "dan").waitFor();
    await page.getByRole("button", { name: "Delete: Close friends" }).click();
    await page.locator("#delete-1").getByRole("button", { name: "Delete" }).click();
    await column(page, "Close friends").waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement.id), "columns");
    assert.equal(await conversation("renamer", "bob"), undefined);
  },

  async "the 21st contact group is refused in place, and the meter is full"() {
    await importAll(["many"]);
    for (let n = 1; n <= 20; n += 1) await contactGroup("many", `group ${n}`);
    const page = await loggedIn(board("many"));
    await page.locator(".limit.is-full").filter({ hasText: "20/20" }).waitFor();
    await page.locator("#new-name").fill("one more");
    await page.locator("#new-name").press("Enter");
    await page.locator("#no-new").filter({ hasText: "51010" }).waitFor();
    assert.equal(await page.locator("#new-name").inputValue(), "one more");
    await accessible(page);
    await picture(page, "board-full");
    // It is told in the language of the page.
    await page.context().addCookies([{ name: "cubby_lang", value: "zh", url: `${BASE}/console` }]);
  },

  async "what changes in another page, or by a call, appears, and what was begun stays"() {
    await someone("watched");
    const page = await loggedIn(board("watched"));
    const other = await another(page);
    await other.goto(`${BASE}/console/${board("watched")}`);
    await page.bringToFront();
    await page.locator("#live.good").waitFor();
    // Something is begun in the first page.
    await page.getByRole("button", { name: "Rename: Work" }).click();
    await page.keyboard.type("Wor");
    await other.bringToFront();
    await other.locator("#s-1-1-bob").click();
    await other.locator('#s-1-1-bob[aria-pressed="true"]').waitFor();
    await page.bringToFront();
    await page.locator('#s-1-1-bob[aria-pressed="true"]').waitFor();
    assert.deepEqual(await page.evaluate(() => [document.activeElement.id, document.activeElement.value, document.activeElement.selectionStart]), ["name-2", "Wor", 3]);
    await contactGroup("watched", "From elsewhere", [user("dan")]);
    await card(page, "From elsewhere", "dan").waitFor();
    await pin("watched", user("dan"));
    await page.locator('#p-3-1-dan[aria-pressed="true"]').waitFor();
    await say("bob", "watched");
    await say("dan", "watched");
    await page.keyboard.type("k");
    assert.equal(await page.locator("#name-2").inputValue(), "Work");
    // An open sheet shows it too.
    await page.locator("#n-1-1-bob").click();
    await page.locator('#mark-1[aria-pressed="true"]').waitFor();
    await call("recentcontact/mark_contact", { From_Account: "watched", MarkItem: [{ OptType: 1, ContactItem: user("bob"), ClearMark: [1] }] });
    await page.locator('#mark-1[aria-pressed="false"]').waitFor();
    await page.keyboard.press("Escape");
    // An account that is deleted says so.
    await call("im_open_login_svc/account_delete", { DeleteItem: [{ UserID: "watched" }] });
    await page.getByText("is not imported").waitFor();
  },

  async "conversations whose other side is gone are shown as such and swept"() {
    await importAll(["sweeper", "stays", "leaves", "leaves too", "wrote"]);
    await call("group_open_http_svc/create_group", { Type: "Public", Name: "Gone soon", GroupId: "gone-soon" });
    await contactGroup("sweeper", "Mixed", [user("stays"), user("leaves"), chatGroup("gone-soon")]);
    await mark("sweeper", [user("leaves too"), [1, 33], "x"]);
    await pin("sweeper", user("leaves too"), user("stays"));
    await say("wrote", "sweeper");
    await call("im_open_login_svc/account_delete", { DeleteItem: ["leaves", "leaves too", "wrote"].map((UserID) => ({ UserID })) });
    await call("group_open_http_svc/destroy_group", { GroupId: "gone-soon" });
    const page = await loggedIn(board("sweeper"));
    await page.getByText("Conversations whose other side is gone: 4").waitFor();
    assert.equal(await page.locator(".conversation.is-gone").count(), 4);
    await page.getByRole("button", { name: "Sweep them" }).click();
    await accessible(page);
    await picture(page, "board-sweep");
    await page.getByRole("button", { name: "Remove them" }).click();
    await page.getByText("Conversations swept: 4").waitFor();
    assert.deepEqual([await ids(page, "Mixed"), await ids(page, "In no contact group")], [["stays"], []]);
    assert.deepEqual((await conversations("sweeper")).map((one) => one.To_Account), ["stays"]);
    assert.equal(await page.getByRole("button", { name: "Sweep them" }).count(), 0);
  },

  async "a thousand conversations in twenty contact groups are shown, more by more"() {
    const others = Array.from({ length: 1000 }, (_, n) => `contact-${n}`);
    await importAll(["big", ...others]);
    await contactGroup("big", "Everyone but a few", others.slice(0, 620).map(user));
    for (let n = 0; n < 19; n += 1) await contactGroup("big", `part ${n}`, others.slice(620 + n * 20, 640 + n * 20).map(user));
    const page = await loggedIn(board("big"));
    const shown = async () => (await ids(page, "Everyone but a few")).length;
    assert.equal(await shown(), 100);
    await column(page, "Everyone but a few").getByRole("button", { name: "Show more (520)" }).click();
    await page.waitForFunction(() => document.querySelectorAll("#list-1 .conversation").length === 200);
    // They stay when something changes.
    await page.locator("#s-1-1-contact-150").click();
    await page.locator('#s-1-1-contact-150[aria-pressed="true"]').waitFor();
    assert.equal(await shown(), 200);
    await page.locator(".limit").filter({ hasText: "1000/1000" }).waitFor();
    await importAll(["one-more"]);
    await page.getByRole("button", { name: "Add a conversation: part 0" }).click();
    await page.locator("#id-2").fill("one-more");
    await page.keyboard.press("Enter");
    await page.locator("#no-2").filter({ hasText: "51008" }).waitFor();
    await picture(page, "board-big");
  },

  async "ids of any characters can be sorted"() {
    const odd = [`a "quoted" <b>&amp;`, "a/b %2F?#&", "O'Neil+x=y"];
    await importAll(["odd one", ...odd]);
    await contactGroup("odd one", `"<i>'`, odd.map(user));
    const page = await loggedIn(board("odd one"));
    for (const id of odd) {
      await page.locator(".conversation", { hasText: id }).getByRole("button", { name: "Star" }).click();
      await page.locator(".conversation", { hasText: id }).locator('.star[aria-pressed="true"]').waitFor();
    }
    assert.deepEqual((await conversations("odd one")).map((one) => one.StandardMark), ["1", "1", "1"]);
  },

  async "a phone shows the board without scrolling the page sideways, and moves by the sheet"() {
    await someone("on the go");
    const page = await loggedIn(board("on the go"), { viewport: PHONE, hasTouch: true, isMobile: true });
    await fits(page);
    await card(page, "Friends", "bob").locator(".name").tap();
    await page.getByRole("dialog").waitFor();
    await fits(page);
    await picture(page, "board-phone-sheet");
    await page.getByRole("button", { name: "Move", exact: true }).tap();
    await card(page, "Work", "bob").waitFor();
  },
});
