import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ARGUMENTS } from "../../provider/operations/arguments";
import { EPHEMERAL_ARGUMENTS } from "../../provider/operations/ephemeral-token";
import { plugin, root } from "./support/fixture";

interface Property {
  readonly type: string;
  readonly secret?: boolean;
  readonly description: string;
}

type Properties = Readonly<Record<string, Property>>;

interface Schema {
  readonly version?: string;
  readonly config: { readonly variables: Properties };
  readonly provider: { readonly inputProperties: Properties };
  readonly functions: Readonly<
    Record<string, { inputs: { properties: Properties }; outputs: { properties: Properties; required: string[] } }>
  >;
  readonly resources: Readonly<
    Record<string, { description: string; aliases: unknown; inputProperties: Properties; properties: Properties }>
  >;
}

const read = (...path: string[]): Schema => JSON.parse(readFileSync(join(...path), "utf8")) as Schema;
const schema = read(root, "provider", "plugin", "schema.json");
const resource = schema.resources["atlas-token:index:ServiceAccountToken"]!;
const { inputProperties, properties } = resource;

/** The doc comments of the dynamic resource by what they describe, in the words of this form. */
function docComments(): Map<string, string> {
  const source = readFileSync(join(root, "provider", "dynamic", "resource.ts"), "utf8");
  const comments = new Map<string, string>();
  const pattern = /\/\*\*((?:(?!\*\/)[^])*)\*\/(?:\s+\/\/.*)*\s+(?:declare readonly |export class )?(\w+)/g;
  for (const [, comment = "", name = ""] of source.matchAll(pattern)) {
    const lines = comment.split("\n").map((line) => line.replace(/^\s*\*? ?/, "").trimEnd());
    const [text = "", ...tags] = lines.join("\n").split(/^@/m);
    const fallback = tags.find((tag) => tag.startsWith("default "))?.replace("default ", "Default: ");
    const paragraphs = [text, ...(fallback === undefined ? [] : [`${fallback.trim()}.`])];
    const description = paragraphs.map((paragraph) => paragraph.trim().replaceAll("\n", " ")).join("\n\n");
    const ours = description.replaceAll("mongodbatlas:", "atlas-token:").replaceAll("the stack's", "the provider's");
    comments.set(name, ours);
  }
  return comments;
}

describe("the packaged provider's schema", () => {
  const comments = docComments();

  it("has the arguments of the operations and of the dynamic resource, each with its facts", () => {
    const source = readFileSync(join(root, "provider", "dynamic", "resource.ts"), "utf8");
    const [, declared = ""] = /interface ServiceAccountTokenArgs \{([^]*?)\n\}/.exec(source) ?? [];
    assert.deepEqual(Object.keys(inputProperties), Object.keys(ARGUMENTS));
    assert.deepEqual(
      [...declared.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name),
      Object.keys(ARGUMENTS),
    );
    for (const [name, { type, secret, replaces }] of Object.entries(ARGUMENTS)) {
      const property = inputProperties[name]!;
      assert.deepEqual(properties[name], property);
      assert.deepEqual([property.type, property.secret ?? false], [type, secret], name);
      assert.equal(/\bchange [^.;]*replaces\b/.test(property.description), replaces, name);
    }
  });

  // UPDATE_GOLDEN=1 writes the descriptions, as it does golden files.
  if (process.env["UPDATE_GOLDEN"] === "1") {
    before(() => {
      for (const described of [inputProperties, properties])
        for (const [name, property] of Object.entries(described))
          Object.assign(property, { description: comments.get(name) });
      writeFileSync(join(root, "provider", "plugin", "schema.json"), `${JSON.stringify(schema, null, 2)}\n`);
    });
  }

  it("describes each property as the dynamic resource does", () => {
    for (const [name, { description }] of Object.entries(properties))
      assert.equal(description, comments.get(name), name);
    assert.ok(resource.description.startsWith(comments.get("ServiceAccountToken") ?? "none"));
  });

  it("marks exactly the secrets", () => {
    const secrets = (of: Properties): string[] => Object.keys(of).filter((name) => of[name]?.secret === true);
    assert.deepEqual(secrets(properties), ["clientSecret", "existingToken", "accessToken"]);
    assert.deepEqual(secrets(schema.config.variables), ["clientSecret"]);
  });

  it("has the function with arguments and results like those of the resource", () => {
    const { inputs, outputs } = schema.functions["atlas-token:index:getEphemeralToken"]!;
    assert.deepEqual(Object.keys(inputs.properties), EPHEMERAL_ARGUMENTS);
    assert.deepEqual(Object.keys(outputs.properties), outputs.required);
    for (const [name, { type, secret }] of Object.entries({ ...inputs.properties, ...outputs.properties })) {
      assert.deepEqual([type, secret], [properties[name]!.type, properties[name]!.secret], name);
      const fallback = /\n\nDefault: .*$/.exec(inputs.properties[name]?.description ?? "");
      assert.ok(properties[name]!.description.endsWith(fallback?.[0] ?? ""), name);
    }
  });

  it("configures an explicit provider like the default one", () => {
    assert.deepEqual(schema.provider.inputProperties, schema.config.variables);
  });

  it("lets a token move from the dynamic resource", () => {
    assert.deepEqual(resource.aliases, [{ type: "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken" }]);
  });

  it("has the version of the package once it is built", () => {
    assert.equal(schema.version, undefined);
    assert.equal(read(plugin, "schema.json").version, read(root, "package.json").version);
  });
});
