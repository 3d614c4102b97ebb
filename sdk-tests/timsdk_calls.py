"""Drives the PyPI package timsdk, as it is published, through the calls that every SDK run makes, and prints each reply as a line of
JSON. It knows no address and no certificate: those are the package's and the environment's."""
import json
import os

from timsdk import TimClient

client = TimClient(int(os.environ["SDKAPPID"]), os.environ["KEY"], os.environ["ADMINISTRATOR"])
BOB = {"Type": 1, "To_Account": "bob"}
FIRST_PAGE = {"From_Account": "alice", "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0, "AssistFlags": 63}


def said(step, reply):
    print(json.dumps({step: reply}), flush=True)


def contact(step, command, body):
    """The package has no method for this service; what its own methods call does as well."""
    said(step, client.im_open_login_svc.get_client().post("recentcontact/" + command, data={"From_Account": "alice", **body}))


for user in ["alice", "bob"]:
    said("import", client.im_open_login_svc.account_import(user, nick=user))
contact("create", "create_contact_group", {"GroupContactItem": [{"GroupName": "work", "ContactItem": [BOB]}]})
rename = {"UpdateGroupType": 1, "OldGroupName": "work", "NewGroupName": "团队"}
contact("update", "update_contact_group", {"UpdateType": 1, "UpdateGroup": rename})
contact("mark", "mark_contact", {"MarkItem": [{"OptType": 3, "ContactItem": BOB, "SetMark": [1, 2], "CustomMark": "vip"}]})
contact("search", "search_contact_group", {"ContactItem": [BOB]})
contact("get", "get_contact_group", {"StartIndex": 0})
said("send", client.open_im.send_text_msg("alice", "hello", from_account="bob"))
contact("get_list", "get_list", FIRST_PAGE)
contact("delete", "delete", {**BOB, "ClearRamble": 1})
contact("get_list", "get_list", FIRST_PAGE)
contact("del_contact_group", "del_contact_group", {"GroupName": ["团队"]})
contact("get", "get_contact_group", {"StartIndex": 0})
said("check", client.im_open_login_svc.account_check(["alice"]))
said("account_delete", client.im_open_login_svc.account_delete(["alice", "bob"]))
