// Calls of the API: what one is sent as, what one looks like for curl, and which calls make what another one needs. Nothing here knows the page.

/** The path and the query string of a call. */
export function target(path, { sdkappid, identifier, usersig }, random) {
  const query = `sdkappid=${sdkappid}&identifier=${encodeURIComponent(identifier)}&usersig=${usersig}&random=${random}&contenttype=json`;
  return `/v4/${path}?${query}`;
}

/** An unsigned number of 32 bits. */
export function random() {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

/** A text as one word of a POSIX shell, whatever it has. */
export function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command line that sends a call. Without a UserSig it takes one from the environment. */
export function curl(origin, path, signed, number, body) {
  const address = signed.usersig
    ? quoted(origin + target(path, signed, number))
    : quoted(origin + target(path, { ...signed, usersig: "\n" }, number)).replace("\n", `'"$USERSIG"'`);
  return `curl -sS -X POST ${address} \\\n  -H 'Content-Type: application/json' \\\n  --data-raw ${quoted(body)}`;
}

const ACCOUNTS = new Set(["From_Account", "To_Account", "Peer_Account", "Report_Account", "Owner_Account", "Member_Account", "MemberToDel_Account", "UserID"]);
const CHAT_GROUPS = new Set(["GroupId", "ToGroupId", "ToGroupid"]);
/** What these commands name is theirs to make. */
const MAKERS = new Set(["im_open_login_svc/account_import", "im_open_login_svc/multiaccount_import"]);

/** The accounts, chat groups and contact groups that a request names, each once and in its order. */
export function named(path, body) {
  const found = { accounts: new Set(), chatGroups: new Set(), contactGroups: new Set() };
  const put = (set, value) => (Array.isArray(value) ? value : [value]).forEach((one) => typeof one === "string" && one && set.add(one));
  const walk = (value) => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (value && typeof value === "object") {
      for (const [name, member] of Object.entries(value)) {
        if (ACCOUNTS.has(name)) put(found.accounts, member);
        else if (CHAT_GROUPS.has(name)) put(found.chatGroups, member);
        else if (name === "GroupIdList") put(found.chatGroups, member);
        else if (name !== "MsgBody") walk(member);
      }
    }
  };
  if (!MAKERS.has(path)) walk(body);
  if (path === "group_open_http_svc/create_group") found.chatGroups.clear();
  if (path === "recentcontact/update_contact_group") put(found.contactGroups, body?.UpdateGroup?.OldGroupName);
  if (path === "recentcontact/del_contact_group") put(found.contactGroups, body?.GroupName);
  return { accounts: [...found.accounts], chatGroups: [...found.chatGroups], contactGroups: [...found.contactGroups] };
}

/** A call of these that could not be made. */
export class Refused extends Error {
  constructor(path, reply) {
    super(reply.ErrorInfo);
    Object.assign(this, { path, code: reply.ErrorCode });
  }
}

/** Makes what a request names and is not there. `call(path, body)` gives the reply of a call. The result tells what was made, and has the request
 * as it is to be sent: an id that only the server can make stands for the sample's. */
export async function prepare(path, body, call) {
  const { accounts, chatGroups, contactGroups } = named(path, body);
  const made = [];
  const well = async (path, body) => {
    const reply = await call(path, body);
    if (reply.ErrorCode !== 0) throw new Refused(path, reply);
    return reply;
  };
  const missing = await missingAccounts(accounts, well);
  for (let n = 0; n < missing.length; n += 100) await well("im_open_login_svc/multiaccount_import", { Accounts: missing.slice(n, n + 100) });
  if (missing.length > 0) made.push(["imported", missing.join(", ")]);
  let text = JSON.stringify(body);
  for (const id of await missingChatGroups(chatGroups, well)) {
    // Who is to be added must not be a member yet.
    const members = path === "group_open_http_svc/add_group_member" ? [] : accounts.map((id) => ({ Member_Account: id }));
    const its = id.startsWith("@TGS#") ? {} : { GroupId: id };
    const { GroupId } = await well("group_open_http_svc/create_group", { Type: "Public", Name: "Sample", MemberList: members, ...its });
    text = text.replaceAll(JSON.stringify(id), JSON.stringify(GroupId));
    made.push(GroupId === id ? ["made_chat_group", id] : ["put_chat_group", GroupId, id]);
  }
  const user = body?.From_Account;
  if (contactGroups.length > 0 && typeof user === "string") {
    const { GroupItem = [] } = await well("recentcontact/get_contact_group", { From_Account: user, StartIndex: 0 });
    const there = new Set(GroupItem.map((one) => one.GroupName));
    for (const name of contactGroups.filter((name) => !there.has(name))) {
      await well("recentcontact/create_contact_group", { From_Account: user, GroupContactItem: [{ GroupName: name, ContactItem: [] }] });
      made.push(["made_contact_group", name]);
    }
  }
  return { made, body: JSON.parse(text) };
}

async function missingAccounts(accounts, well) {
  const missing = [];
  for (let n = 0; n < accounts.length; n += 100) {
    const { ResultItem } = await well("im_open_login_svc/account_check", { CheckItem: accounts.slice(n, n + 100).map((UserID) => ({ UserID })) });
    missing.push(...ResultItem.filter((one) => one.AccountStatus === "NotImported").map((one) => one.UserID));
  }
  return missing;
}

async function missingChatGroups(ids, well) {
  if (ids.length === 0) return [];
  const { GroupInfo } = await well("group_open_http_svc/get_group_info", { GroupIdList: ids });
  return ids.filter((_, n) => GroupInfo[n].ErrorCode !== 0);
}
