"""Signs with the PyPI package tls-sig-api-v2, and compares signatures made elsewhere with those that it makes. Takes one JSON request
as its argument, prints one JSON reply. It is not a client of the server."""
import base64
import json
import sys
import time
import zlib

import TLSSigAPIv2


def sign(request):
    api = TLSSigAPIv2.TLSSigAPIv2(request["sdkappid"], request["key"])
    if request["userbuf"] is None:
        return api.gen_sig(request["identifier"], request["expire"])
    return api.gen_sig_with_userbuf(request["identifier"], request["expire"], request["userbuf"].encode())


def members(usersig):
    text = usersig.replace("*", "+").replace("-", "/").replace("_", "=")
    return json.loads(zlib.decompress(base64.b64decode(text, validate=True)))


def main():
    request = json.loads(sys.argv[1])
    if request["do"] == "sign":
        reply = {"usersig": sign(request)}
    else:
        time.time = lambda: request["time"]
        reply = {"ours": members(request["usersig"]), "theirs": members(sign(request))}
    print(json.dumps(reply))


main()
