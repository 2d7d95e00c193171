import * as pulumi from "@pulumi/pulumi";
import { request } from "undici";

/*
 * Rival (c): the one that does nothing, and one bare `undici.request` in create and in delete: no retry, no timeout, no
 * check of the answer. What it costs beyond rival (b) is the network's own and undici's.
 */

interface Inputs {
  clientId: string;
  clientSecret: string;
  baseUrl: string;
}

interface Outputs extends Inputs {
  accessToken: string;
}

async function post(inputs: Inputs, path: string, form: Record<string, string>, reset: boolean): Promise<string> {
  const credentials = Buffer.from(`${inputs.clientId}:${inputs.clientSecret}`).toString("base64");
  const { statusCode, body } = await request(inputs.baseUrl + path, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}`, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
    reset,
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(text);
  return text;
}

/** Keeps its connection, or makes a fresh one for each issue, as an issue that must not be sent twice needs. */
function providerOf(fresh: boolean): pulumi.dynamic.ResourceProvider<Inputs, Outputs> {
  return {
    check: (_olds, news) => Promise.resolve({ inputs: news }),
    diff: () => Promise.resolve({ changes: false }),
    async create(inputs) {
      const text = await post(inputs, "/api/oauth/token", { grant_type: "client_credentials" }, fresh);
      return {
        id: "bare",
        outs: { ...inputs, accessToken: (JSON.parse(text) as { access_token: string }).access_token },
      };
    },
    async delete(_id, { accessToken, ...inputs }) {
      await post(inputs, "/api/oauth/revoke", { token: accessToken, token_type_hint: "access_token" }, false);
    },
  };
}

const keeping = providerOf(false);
const fresh = providerOf(true);

export class BareToken extends pulumi.dynamic.Resource {
  constructor(name: string, args: pulumi.Inputs, connection: "kept" | "fresh") {
    const props = { accessToken: undefined, ...args, clientSecret: pulumi.secret(args["clientSecret"]) };
    const provider = connection === "kept" ? keeping : fresh;
    super(provider, name, props, { additionalSecretOutputs: ["accessToken"] }, "bench", "BareToken");
  }
}
