// UserSigs: made for any account, and taken apart, whether they are good or not.

import { BASE, PHONE, accessible, assert, everyLook, fits, loggedIn, run, tabTo } from "./lib.js";

const open = (options = {}) => loggedIn("usersig", options);

/** Makes one. */
async function minted(page, identifier = "administrator", expire = "") {
  await page.fill("#identifier", identifier);
  await page.fill("#expire", expire);
  const before = await page.locator("#minted-text").textContent({ timeout: 1 }).catch(() => "");
  await page.getByRole("button", { name: "Make" }).click();
  await page.waitForFunction((before) => (document.getElementById("minted-text")?.textContent ?? before) !== before, before);
  return page.textContent("#minted-text");
}

async function explained(page, usersig) {
  await page.fill("#usersig", usersig);
  await page.evaluate(() => document.getElementById("verdict")?.remove());
  await page.locator("form button.primary").click();
  await page.waitForSelector("#verdict");
  return page.textContent("#verdict");
}

await run({
  async "a good one: every member, the signed text, and the key by its label alone"() {
    const page = await open();
    assert.match(await explained(page, await minted(page)), /Accepted/);
    assert.match(await page.textContent("#signer"), /signed with key 1 of application/);
    const members = await page.locator("#found td:first-child code").allTextContents();
    for (const name of ["TLS.ver", "TLS.identifier", "TLS.sdkappid", "TLS.expire", "TLS.time", "TLS.sig"]) assert.ok(members.includes(name), name);
    assert.match(await page.textContent("#found pre"), /TLS\.identifier:administrator\nTLS\.sdkappid:/);
    await accessible(page, "a good UserSig");
  },

  async "one that has expired"() {
    const page = await open();
    const verdict = await explained(page, await minted(page, "administrator", "-60"));
    assert.match(verdict, /Refused 70001/);
    assert.match(await page.textContent("#signer"), /signed with key 1/);
  },

  async "one that somebody tampered with, and one of another call"() {
    const page = await open();
    const other = await minted(page, "mallory", "600");
    await page.fill("#of", "administrator");
    assert.match(await explained(page, other), /Refused 70013/);
    await page.fill("#of", "");
    const good = await minted(page, "administrator", "600");
    // The same content under another signature.
    const tampered = await page.evaluate(async (usersig) => {
      const through = async (bytes, stream) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
      const text = usersig.replaceAll("*", "+").replaceAll("-", "/").replaceAll("_", "=");
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const content = JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate"))));
      content["TLS.expire"] += 1000000;
      const packed = await through(new TextEncoder().encode(JSON.stringify(content)), new CompressionStream("deflate"));
      return btoa(String.fromCharCode(...packed)).replaceAll("+", "*").replaceAll("/", "-").replaceAll("=", "_");
    }, good);
    assert.match(await explained(page, tampered), /Refused 70009/);
    assert.match(await page.textContent("#signer"), /no key matches/);
  },

  async "what is none at all is told, too"() {
    const page = await open();
    assert.match(await explained(page, "<b>no usersig</b>"), /Refused/);
    await page.fill("#sdkappid", "x");
    await page.getByRole("button", { name: "Explain" }).click();
    await page.getByText('sdkappid: "x" is not such a number').waitFor();
  },

  async "by keyboard alone"() {
    const page = await open();
    const good = await minted(page);
    await page.goto(`${BASE}/console/usersig`);
    await tabTo(page, "#usersig");
    await page.keyboard.insertText(good);
    await tabTo(page, "#of");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#verdict");
  },

  async "on a phone and in every look"() {
    const page = await open();
    const expired = await minted(page, "administrator", "-60");
    await everyLook(page, "usersig", () => explained(page, expired));
    const phone = await open({ viewport: PHONE, hasTouch: true, isMobile: true });
    await fits(phone);
  },
});
