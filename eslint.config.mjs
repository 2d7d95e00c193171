import tseslint from "typescript-eslint";

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
    // What may know what: the client knows nothing of Pulumi, the decisions nothing of HTTP.
    files: ["provider/oauth/**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: ["@pulumi/*", "../*"] }],
    },
  },
  {
    files: ["provider/operations/**/*.ts", "provider/config.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: ["@pulumi/*", "undici", "node:http*", "node:net", "node:tls"] }],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
);
