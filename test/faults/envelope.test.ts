import { answers, answersJson } from "./support/acts";
import { again, limited, once, works, type Expected } from "./support/expected";
import { testRows, type Row } from "./support/table";

function inside(description: string, body: string, revoke: Expected): Row {
  return { description, server: answers(200, body), options: { envelope: true }, revoke };
}

const unclear = again("unexpected_response", { status: 200, description: /not known whether the token was revoked/ });

const successes: readonly Row[] = [
  inside("the body says 200", '{"status":200}', works()),
  inside("the body says 204", '{"status":204}', works()),
  inside("the body is pretty", '{\n  "status" : 200\n}\n', works()),
  inside("the body is empty", "", works()),
  inside("the body is an empty object", "{}", works()),
  inside("the body is null", "null", works()),
  inside("the body is a number", "401", works()),
  inside("the body is an array", '[{"status":401}]', works()),
  inside("the status inside is a text", '{"status":"401"}', works()),
  inside("the status inside is null", '{"status":null}', works()),
  inside("the status inside is an object", '{"status":{"code":401}}', works()),
  inside("a success inside has an error beside it", '{"status":200,"error":"invalid_client"}', works()),
];

const failures: readonly Row[] = [
  inside("200 holds 401", '{"status":401,"error":"invalid_client"}', once("invalid_client", { status: 401 })),
  inside(
    "200 holds 401 with its content apart",
    '{"status":401,"content":{"error":"invalid_client","error_description":"no"}}',
    once("invalid_client", { status: 401, description: /^no$/ }),
  ),
  inside(
    "200 holds 400 with its content apart",
    '{"status":400,"content":{"error":"invalid_grant"}}',
    once("invalid_grant", { status: 400 }),
  ),
  inside("200 holds 400 and no more", '{"status":400}', once("unexpected_response", { status: 400 })),
  inside("200 holds 403", '{"status":403,"content":null}', once("access_denied", { status: 403 })),
  inside("200 holds 429", '{"status":429,"content":[]}', limited()),
  inside("200 holds 500", '{"status":500}', again("server_error", { status: 500 })),
  inside("200 holds 503", '{"status":503}', again("service_unavailable", { status: 503 })),
  inside("200 holds 302", '{"status":302}', once("unexpected_response", { status: 302 })),
  inside("200 holds 0", '{"status":0}', once("unexpected_response", { status: 0 })),
  inside("200 holds -1", '{"status":-1}', once("unexpected_response", { status: -1 })),
  inside("the second of two statuses counts", '{"status":200,"status":401}', once("invalid_client", { status: 401 })),
  {
    description: "401 holds 200",
    server: answersJson(401, { status: 200 }),
    options: { envelope: true },
    revoke: once("invalid_client", { status: 401 }),
  },
  {
    description: "500 holds 401",
    server: answersJson(500, { status: 401 }),
    options: { envelope: true },
    revoke: again("server_error", { status: 500 }),
  },
  {
    description: "200 echoes what was sent",
    server: answers(200, ({ headers, body }) =>
      JSON.stringify({ status: 403, error_description: `${headers.get("authorization") ?? ""} ${body}` }),
    ),
    options: { envelope: true },
    revoke: once("access_denied", { status: 403, description: /\*\*\*/ }),
  },
];

const unreadable: readonly Row[] = [
  inside("the body is cut", '{"status":20', unclear),
  inside("the body is HTML", "<html>", unclear),
  inside("the body is JSONP", 'callback({"status":200})', unclear),
  inside("the body is longer than is read", `{"status":200,"padding":"${"x".repeat(64 * 1024)}"}`, unclear),
];

testRows("an envelope says that it worked", successes);
testRows("an envelope says that it failed", failures);
testRows("an envelope cannot be read", unreadable);
