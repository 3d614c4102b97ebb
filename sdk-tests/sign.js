// Signs with the npm package tls-sig-api-v2, and compares signatures made elsewhere with those that it makes. Takes one JSON request as
// its argument, prints one JSON reply. It is not a client of the server.
"use strict";
const zlib = require("node:zlib");
const { Api } = require("tls-sig-api-v2");

function sign(request) {
  const api = new Api(request.sdkappid, request.key);
  return api.genSig(request.identifier, request.expire, request.userbuf);
}

function members(usersig) {
  const text = usersig.replace(/\*/g, "+").replace(/-/g, "/").replace(/_/g, "=");
  return JSON.parse(zlib.inflateSync(Buffer.from(text, "base64")).toString("utf8"));
}

const request = JSON.parse(process.argv[2]);
if (request.do === "sign") {
  console.log(JSON.stringify({ usersig: sign(request) }));
} else {
  Date.now = () => request.time * 1000;
  console.log(JSON.stringify({ ours: members(request.usersig), theirs: members(sign(request)) }));
}
