"""Drives the PyPI package tencentcloud-sdk-python-im, as it is published, through the calls it has of those that every SDK run makes,
and prints each reply as a line of JSON. It knows no address and no certificate: those are the package's and the environment's."""
import json
import os
import time

from tencentcloud_im.tcim_client import MessageObj, MessageText, TCIMClient

elsewhere = {"tencent_url": os.environ["BASE_URL"]} if "BASE_URL" in os.environ else {}
client = TCIMClient(int(os.environ["SDKAPPID"]), os.environ["KEY"], os.environ["ADMINISTRATOR"], **elsewhere)


def said(step, response):
    print(json.dumps({step: response.json()}), flush=True)


hello = MessageObj("bob", "alice", text_messages=[MessageText("hello")])
said("import", client.add_single_user("alice", "alice", ""))
said("import", client.batch_add_users(["bob", "carol"]))
said("check", client.search_user(["alice", "dave"]))
said("send", client.send_message(hello))
said("import_message", client.import_message_to_im(hello, int(time.time()) - 60))
said("unread", client.get_unread_num("alice", ["bob"]))
said("set_read", client.set_user_message_read("alice", "bob"))
said("unread", client.get_unread_num("alice", ["bob"]))
said("account_delete", client.del_user(["alice", "bob", "carol"]))
