import { PolicyPack } from "@pulumi/policy";

import { expiredTokenViolation } from "./rules";

new PolicyPack("atlas-tokens", {
  policies: [
    {
      name: "no-expired-tokens",
      description: "Tokens of production stacks are renewed.",
      enforcementLevel: "mandatory",
      configSchema: {
        properties: { productionStacks: { type: "array", items: { type: "string" }, default: ["prod", "production"] } },
      },
      validateResource: (resource, reportViolation) => {
        const { productionStacks } = resource.getConfig<{ productionStacks?: string[] }>();
        const violation = expiredTokenViolation(resource, productionStacks ?? ["prod", "production"]);
        if (violation !== undefined) reportViolation(violation);
      },
    },
  ],
});
