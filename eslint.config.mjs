import tseslint from "typescript-eslint";

const GRPC = ["@grpc/*", "google-protobuf/*", "@pulumi/pulumi/proto/*"];
const PULUMI = ["@pulumi/*", ...GRPC];

export default tseslint.config(
  {
    ignores: [
      "dist",
      "dist-docs",
      "examples/policy/index.ts",
      "examples/typescript-plugin",
      "examples/migrate",
      "templates",
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
  {
    // What may know what: the client knows nothing of Pulumi, the operations nothing of HTTP, only the plugin knows gRPC.
    files: ["provider/oauth/**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [...PULUMI, "../*"] }],
    },
  },
  {
    files: ["provider/operations/**/*.ts", "provider/*.ts"],
    ignores: ["provider/index.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [...PULUMI, "**/dynamic/*", "**/plugin/*", "undici", "node:http*", "node:net", "node:tls"] },
      ],
    },
  },
  {
    files: ["provider/dynamic/**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [...GRPC, "../plugin/*", "../oauth/*"] }],
    },
  },
  {
    files: ["provider/plugin/**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: ["../dynamic/*", "../oauth/*"] }],
    },
  },
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
