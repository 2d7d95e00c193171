import * as pulumi from "@pulumi/pulumi";
import { renameSync, rmSync, writeFileSync } from "node:fs";

interface Properties {
  readonly path: string;
  readonly content: string;
}

/** What uses the rotated token in this example: a file. Writes another file and renames it, so that a reader never sees a part of a token. */
function write({ path, content }: Properties): void {
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

const provider: pulumi.dynamic.ResourceProvider<Properties, Properties> = {
  create(inputs) {
    write(inputs);
    return Promise.resolve({ id: inputs.path, outs: inputs });
  },
  diff(_id, olds, news) {
    const replaces = olds.path === news.path ? [] : ["path"];
    return Promise.resolve({ changes: replaces.length > 0 || olds.content !== news.content, replaces });
  },
  update(_id, _olds, news) {
    write(news);
    return Promise.resolve({ outs: news });
  },
  delete(_id, { path }) {
    rmSync(path, { force: true });
    return Promise.resolve();
  },
};

/** A file that only its owner can read: an example of a resource that depends on a token. */
export class TokenFile extends pulumi.dynamic.Resource {
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, args: { path: pulumi.Input<string>; content: pulumi.Input<string> }) {
    super(provider, name, args, { additionalSecretOutputs: ["content"] }, "examples", "TokenFile");
  }
}
