// Requests to the Blob service, signed with Shared Key by node's own crypto.
//
// node azurite.mjs ENDPOINT ACCOUNT KEY: reads [[method, path and query, headers, body], …] as JSON from standard
// input, sends them in order, and prints [[status, headers, body], …].
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

const [endpoint, account, key] = process.argv.slice(2);
const answers = [];
for (const [method, path, given, body] of JSON.parse(readFileSync(0, "utf8"))) {
  const url = new URL(endpoint + path);
  const headers = { "x-ms-date": new Date().toUTCString(), "x-ms-version": "2021-12-02", ...given };
  const value = (name) => headers[name] ?? "";
  const length = Buffer.byteLength(body);
  const own = Object.keys(headers).filter((name) => name.startsWith("x-ms-")).sort();
  const query = [...url.searchParams.keys()].sort().map((name) => `\n${name}:${url.searchParams.get(name)}`);
  const toSign = [
    method, "", "", length || "", value("content-md5"), value("content-type"), "", "", "", "", "", "",
    ...own.map((name) => `${name}:${headers[name]}`),
    `/${account}${url.pathname}${query.join("")}`,
  ].join("\n");
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(toSign, "utf8").digest("base64");
  headers.authorization = `SharedKey ${account}:${signature}`;
  const sent = ["GET", "HEAD"].includes(method) ? undefined : Buffer.from(body);
  const answer = await fetch(url, { method, headers, body: sent });
  answers.push([answer.status, Object.fromEntries(answer.headers), await answer.text()]);
}
console.log(JSON.stringify(answers));
