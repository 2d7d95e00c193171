import assert from "node:assert/strict";

import { isHtml } from "../../../../provider/oauth/http/response";

describe("isHtml", () => {
  const html = "text/html; charset=utf-8";
  for (const { body, type, complete = true, expected } of [
    { body: "<!DOCTYPE html><p>", expected: true },
    { body: "\n <HTML lang=en>", expected: true },
    { body: "Log in", type: html, expected: true },
    { body: "Log in", type: "application/xhtml+xml", expected: true },
    { body: "", type: html, complete: false, expected: true },
    { body: " ", type: html, expected: false },
    { body: "", expected: false },
    { body: "Log in", type: "text/plain", expected: false },
    { body: "<htmlish>", expected: false },
    { body: '{"a":"<html>"}', type: "application/json", expected: false },
  ]) {
    it(`is ${expected} for ${JSON.stringify(body)} as ${type ?? "no type"}${complete ? "" : ", truncated"}`, () => {
      const headers = type === undefined ? {} : { "content-type": type };
      assert.equal(isHtml({ status: 200, headers, body, complete }), expected);
    });
  }
});
