// Signs with the npm package tls-sig-api-v2, makes the calls that every SDK run makes with Node's own client, and prints each reply as a
// line of JSON. It knows no certificate: that is the environment's.
"use strict";
const https = require("node:https");
const { Api } = require("tls-sig-api-v2");

const { SDKAPPID, KEY, ADMINISTRATOR } = process.env;
const usersig = new Api(Number(SDKAPPID), KEY).genSig(ADMINISTRATOR, 86400);
const bob = { Type: 1, To_Account: "bob" };
const firstPage = { TimeStamp: 0, StartIndex: 0, TopTimeStamp: 0, TopStartIndex: 0, AssistFlags: 63 };

function call(step, path, body) {
  const query = new URLSearchParams({ sdkappid: SDKAPPID, identifier: ADMINISTRATOR, usersig, random: 7, contenttype: "json" });
  return new Promise((resolve, reject) => {
    const request = https.request(`https://console.tim.qq.com/v4/${path}?${query}`, { method: "POST" }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve(console.log(JSON.stringify({ [step]: JSON.parse(text) }))));
    });
    request.on("error", reject);
    request.end(JSON.stringify(body));
  });
}

const contact = (step, command, body) => call(step, `recentcontact/${command}`, { From_Account: "alice", ...body });

async function main() {
  for (const user of ["alice", "bob"]) await call("import", "im_open_login_svc/account_import", { UserID: user, Nick: user });
  await contact("create", "create_contact_group", { GroupContactItem: [{ GroupName: "work", ContactItem: [bob] }] });
  const rename = { UpdateGroupType: 1, OldGroupName: "work", NewGroupName: "团队" };
  await contact("update", "update_contact_group", { UpdateType: 1, UpdateGroup: rename });
  await contact("mark", "mark_contact", { MarkItem: [{ OptType: 3, ContactItem: bob, SetMark: [1, 2], CustomMark: "vip" }] });
  await contact("search", "search_contact_group", { ContactItem: [bob] });
  await contact("get", "get_contact_group", { StartIndex: 0 });
  const text = [{ MsgType: "TIMTextElem", MsgContent: { Text: "hello" } }];
  await call("send", "openim/sendmsg", { From_Account: "bob", To_Account: "alice", MsgRandom: 7, MsgBody: text });
  await contact("get_list", "get_list", firstPage);
  await contact("delete", "delete", { ...bob, ClearRamble: 1 });
  await contact("get_list", "get_list", firstPage);
  await contact("del_contact_group", "del_contact_group", { GroupName: ["团队"] });
  await contact("get", "get_contact_group", { StartIndex: 0 });
  await call("check", "im_open_login_svc/account_check", { CheckItem: [{ UserID: "alice" }] });
  await call("account_delete", "im_open_login_svc/account_delete", { DeleteItem: [{ UserID: "alice" }, { UserID: "bob" }] });
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
