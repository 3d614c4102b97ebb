// Calls of the API, signed as a client signs them, so that a test can change from elsewhere what a page shows.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { deflateSync } from "node:zlib";

const BASE = process.env.CONSOLE_BASE;
export const APP = process.env.CONSOLE_APP;
const KEY = process.env.CONSOLE_KEY;
const ADMINISTRATOR = "administrator";

function userSig() {
  const time = Math.floor(Date.now() / 1000);
  const expire = 86400;
  const signed = `TLS.identifier:${ADMINISTRATOR}\nTLS.sdkappid:${APP}\nTLS.time:${time}\nTLS.expire:${expire}\n`;
  const sig = createHmac("sha256", KEY).update(signed).digest("base64");
  const members = { "TLS.ver": "2.0", "TLS.identifier": ADMINISTRATOR, "TLS.sdkappid": Number(APP), "TLS.expire": expire, "TLS.time": time, "TLS.sig": sig };
  const text = deflateSync(JSON.stringify(members)).toString("base64");
  return text.replaceAll("+", "*").replaceAll("/", "-").replaceAll("=", "_");
}

/** Calls a command; its reply, which must be well. */
export async function call(command, body) {
  const query = new URLSearchParams({ sdkappid: APP, identifier: ADMINISTRATOR, usersig: userSig(), random: 7, contenttype: "json" });
  const reply = await (await fetch(`${BASE}/v4/${command}?${query}`, { method: "POST", body: JSON.stringify(body) })).json();
  assert.equal(reply.ErrorCode, 0, `${command}: ${JSON.stringify(reply)}`);
  return reply;
}

/** Imports accounts. */
export async function importAll(ids) {
  for (let from = 0; from < ids.length; from += 100) {
    await call("im_open_login_svc/multiaccount_import", { Accounts: ids.slice(from, from + 100) });
  }
}

/** A conversation with a user, as requests name it. */
export const user = (id) => ({ Type: 1, To_Account: id });
/** A conversation in a chat group. */
export const chatGroup = (id) => ({ Type: 2, ToGroupId: id });

/** Makes a contact group of a user with these conversations. */
export async function contactGroup(of, name, conversations = []) {
  for (let from = 0; from === 0 || from < conversations.length; from += 100) {
    const GroupContactItem = [{ GroupName: name, ContactItem: conversations.slice(from, from + 100) }];
    await call("recentcontact/create_contact_group", { From_Account: of, GroupContactItem });
  }
}

/** Marks conversations of a user; each is `[conversation, marks, custom mark]`. */
export async function mark(of, ...items) {
  const item = ([ContactItem, SetMark, CustomMark]) => ({ OptType: CustomMark ? 3 : 1, ContactItem, SetMark, CustomMark });
  await call("recentcontact/mark_contact", { From_Account: of, MarkItem: items.map(item) });
}

/** Pins conversations of a user. */
export async function pin(of, ...conversations) {
  await call("recentcontact/top", { From_Account: of, OperationType: 1, RecentContactItem: conversations });
}

/** A message from one user to another. */
export async function say(from, to) {
  const MsgBody = [{ MsgType: "TIMTextElem", MsgContent: { Text: "hello" } }];
  await call("openim/sendmsg", { From_Account: from, To_Account: to, MsgRandom: 7, MsgBody });
}
