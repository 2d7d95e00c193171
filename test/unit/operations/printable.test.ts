import assert from "node:assert/strict";

import { check } from "../../../provider/operations/check";
import { checkConfig } from "../../../provider/operations/check-config";
import { create } from "../../../provider/operations/create";
import { remove } from "../../../provider/operations/delete";
import { diff } from "../../../provider/operations/diff";
import { getEphemeralToken } from "../../../provider/operations/ephemeral-token";
import { importToken } from "../../../provider/operations/import";
import {
  elsewhere,
  failing,
  fakeContext,
  HOUR,
  inputsWith,
  jwt,
  stateWith,
  time,
  userFacing,
  type FakeContext,
} from "./fake";

/** With a line break, an escape sequence, C1 control characters, a line separator and a bidirectional override. */
const evil = "ci\nerror: forged\u001b[31m\u009b31m\u0085\u2028\u202e";
const evilId = `${evil}-0a1b2c3d`;
const evilClientId = `mdb_sa_id_${evil}`;

describe("no name or client ID forges a line of", () => {
  const errorOf = async (run: () => unknown): Promise<string> => {
    const error = await userFacing(run);
    return [error.message, String(error), error.stack].join("\n  ");
  };
  const due = { issuedAt: time(-HOUR), expiresAt: time(1000) };
  const adopted = { existingToken: "fake-token" };
  const messages: Readonly<Record<string, (context: FakeContext) => unknown>> = {
    "a failed create": (context) => errorOf(() => create(inputsWith({ name: evil }), context)),
    "a create without a secret": (context) =>
      errorOf(() =>
        create(inputsWith({ name: evil, clientId: evilClientId }), { ...context, sources: fakeContext().sources }),
      ),
    "a failed delete": (context) => errorOf(() => remove(evilId, stateWith(), context)),
    "a delete without a secret": () =>
      errorOf(() =>
        remove(
          evilId,
          stateWith({ clientId: evilClientId }),
          fakeContext({ env: { MONGODB_ATLAS_CLIENT_ID: evilClientId + "2" } }),
        ),
      ),
    "a due token": (context) => diff(evilId, stateWith(due), inputsWith(), context),
    "a moved token": (context) =>
      diff(evilId, stateWith(adopted), inputsWith({ ...adopted, baseUrl: `https://${evil}` }), context),
    "a token that is held": (context) => [
      diff(`other${evilId}`, stateWith(adopted), inputsWith(adopted), context),
      remove(evilId, stateWith(adopted), context),
    ],
    "an expired token": (context) =>
      remove(evilId, stateWith({ ...due, clientSecret: undefined }), {
        ...context,
        now: () => Date.parse("2030-01-01"),
        sources: fakeContext().sources,
      }),
    "a failed import": (context) => errorOf(() => importToken("env:NONE", evil, context)),
    "an unknown argument": (context) => check({}, { ...inputsWith(), [evil]: 1 }, context).failures[0]?.reason,
    "an unknown argument of the function": async (context) =>
      (await getEphemeralToken({ [evil]: 1 }, context)).failures.map(({ property }) => property).join(),
    "an unknown setting": () => checkConfig({ "clientI\nd": 1 })[0]?.reason,
  };
  for (const [what, run] of Object.entries(messages)) {
    it(what, async () => {
      const context = fakeContext({
        ...elsewhere,
        issue: failing("issue", "access_denied"),
        revoke: failing("revoke", "access_denied"),
      });
      const returned = await run(context);
      const lines = [...context.lines, ...(typeof returned === "string" ? [returned] : [])];
      assert.notDeepEqual(lines, []);
      for (const line of lines) assert.doesNotMatch(line.replaceAll("\n  ", ""), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    });
  }

  it("the ID of a new resource", async () => {
    const { id } = await create(inputsWith({ name: evil, existingToken: jwt({ exp: HOUR }) }), fakeContext());
    assert.match(id, /^ci error: forged31m -[0-9a-f]{8}$/);
  });
});
