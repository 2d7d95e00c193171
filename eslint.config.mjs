import tseslint from "typescript-eslint";

const GRPC = ["@grpc/*", "google-protobuf/*", "@pulumi/pulumi/proto/*"];
const PULUMI = ["@pulumi/*", ...GRPC];

const NETWORK = ["undici", "node:http*", "node:net", "node:tls"];

/** The folders of the client; each may import those before it. */
const WINGS = ["lib", "input", "http", "failure", "queue"];
/** What nobody outside the client imports: its face, `input/` and `failure/` are what it offers. */
const INSIDE = "/oauth/(?:lib|http|queue)/";

/** Lets these files import neither these packages nor what the expression matches. */
function restrict(files, packages, regex) {
  const patterns = [...(packages.length > 0 ? [{ group: packages }] : []), { regex }];
  return { files, rules: { "no-restricted-imports": ["error", { patterns }] } };
}

export default tseslint.config(
  {
    ignores: [
      "dist",
      "dist-docs",
      "examples/policy/pack/index.ts",
      "examples/typescript-plugin",
      "examples/ephemeral",
      "examples/migrate",
      "examples/templates",
      "**/node_modules",
    ],
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: false }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true, argsIgnorePattern: "^_" }],
      eqeqeq: "error",
    },
  },
  // What may know what: the client knows nothing of Pulumi, the operations nothing of HTTP, only the plugin knows gRPC.
  ...WINGS.map((wing, index) =>
    restrict([`provider/oauth/${wing}/**/*.ts`], PULUMI, `^\\.\\./(?!(?:${WINGS.slice(0, index).join("|") || "$"})/)`),
  ),
  restrict(["provider/oauth/*.ts"], PULUMI, "^\\.\\./"),
  restrict(
    ["provider/{config,duration}.ts"],
    [...PULUMI, ...NETWORK],
    `/(?:dynamic|plugin|runtime|operations)/|${INSIDE}`,
  ),
  restrict(["provider/operations/**/*.ts"], [...PULUMI, ...NETWORK], `/(?:dynamic|plugin|runtime)/|${INSIDE}`),
  restrict(["provider/runtime/**/*.ts"], [...PULUMI, ...NETWORK], `/(?:dynamic|plugin)/|${INSIDE}`),
  restrict(["provider/dynamic/**/*.ts"], GRPC, "/(?:plugin|oauth)(?:/|$)"),
  restrict(["provider/plugin/**/*.ts"], [], "/(?:dynamic|oauth)(?:/|$)"),
  {
    // Examples use the package as its users do.
    files: ["examples/**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: ["**/test/**", "**/provider/**"] }],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
);
