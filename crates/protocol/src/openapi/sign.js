// Makes the UserSig of the call out of the variables sdkappid, key and identifier.
// 用变量 sdkappid、key、identifier 为本次调用生成 UserSig。
// In a block, since Postman has a CryptoJS of its own that cannot be declared again.
{
  const CryptoJS = require("crypto-js");

  const variable = (name) => String(pm.variables.get(name) || "").trim();
  const sdkappid = variable("sdkappid");
  const key = variable("key");
  const identifier = variable("identifier");
  if (!sdkappid || !key || !identifier) {
    throw new Error("Set the variables sdkappid, key and identifier. 请先填写变量 sdkappid、key、identifier。");
  }

  const time = Math.floor(Date.now() / 1000);
  const expire = 3600;
  const signed = "TLS.identifier:" + identifier + "\nTLS.sdkappid:" + sdkappid + "\nTLS.time:" + time + "\nTLS.expire:" + expire + "\n";
  const text = JSON.stringify({
    "TLS.ver": "2.0",
    "TLS.identifier": identifier,
    "TLS.sdkappid": Number(sdkappid),
    "TLS.expire": expire,
    "TLS.time": time,
    "TLS.sig": CryptoJS.enc.Base64.stringify(CryptoJS.HmacSHA256(signed, key)),
  });

  // zlib without compression: a head, one stored block, the Adler-32 sum of the text. All as hexadecimal.
  const hex = (number, bytes) => number.toString(16).padStart(2 * bytes, "0");
  const swapped = (number) => hex(number & 0xff, 1) + hex(number >> 8, 1);
  const data = CryptoJS.enc.Hex.stringify(CryptoJS.enc.Utf8.parse(text));
  const length = data.length / 2;
  let low = 1;
  let high = 0;
  for (let at = 0; at < data.length; at += 2) {
    low = (low + parseInt(data.slice(at, at + 2), 16)) % 65521;
    high = (high + low) % 65521;
  }
  const stream = "7801" + "01" + swapped(length) + swapped(0xffff - length) + data + hex(high, 2) + hex(low, 2);
  const base64 = CryptoJS.enc.Base64.stringify(CryptoJS.enc.Hex.parse(stream));

  pm.variables.set("usersig", base64.replace(/\+/g, "*").replace(/\//g, "-").replace(/=/g, "_"));
  pm.variables.set("random", String(Math.floor(Math.random() * 4294967296)));
}
