import assert from "node:assert/strict";

import { getEphemeralToken, revokeEphemeralTokens } from "../../../provider/operations/ephemeral-token";
import type { Failure } from "../../../provider/oauth/failure/failure";
import { codes } from "../../support/oauth/failures";
import { golden } from "../../support/golden";
import {
  assertNothingSecret,
  clientId,
  elsewhere,
  failing,
  fakeContext,
  issued,
  oauthError,
  origin,
  userFacing,
  type Fakes,
} from "./fake";

const context = (fakes: Fakes) => fakeContext({ ...elsewhere, namespace: "atlas-token", ...fakes });
const args = { clientId, baseUrl: origin };

/** Rejects each request with the failure of that code, after as many attempts as there is time for at the end of a run. */
const failingSoon = (code: Failure["code"]) => () => {
  const error = oauthError("revoke", code);
  const isRetried = error.retryable && code !== "rate_limited";
  return Promise.reject(
    Object.assign(error, isRetried ? { attempts: 4, elapsedMs: 3_100 } : { attempts: 1, elapsedMs: 240 }),
  );
};

describe("getEphemeralToken that fails", () => {
  for (const [file, code, changes = {}] of [
    ["invalid_client", "invalid_client"],
    ["no_response", "no_response"],
    ["token-limit", "access_denied", { description: "Access Token limit reached." }],
  ] as const) {
    it(`says what ephemeral-issue-${file}.txt contains`, async () => {
      const error = await userFacing(() =>
        getEphemeralToken(args, context({ issue: failing("issue", code, changes) })),
      );
      golden(`resource/ephemeral-issue-${file}.txt`, error.message);
      assertNothingSecret(error);
    });
  }
});

describe("an ephemeral token that cannot be revoked", () => {
  for (const code of codes.filter((code) => code !== "invalid_argument")) {
    it(`because of ${code} is a warning: ephemeral-revoke-${code}.txt`, async () => {
      const fake = context({ issue: () => Promise.resolve(issued()), revoke: failingSoon(code) });
      await getEphemeralToken(args, fake);
      const warnings: string[] = [];
      await revokeEphemeralTokens(
        () => 1,
        (line) => void warnings.push(line),
        fake,
      );
      golden(`resource/ephemeral-revoke-${code}.txt`, warnings.join("\n"));
      assertNothingSecret(warnings.join("\n"));
      assert.equal(fake.revokes[0]?.token, issued().accessToken);
    });
  }
});
