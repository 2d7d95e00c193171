import { ServiceAccountToken } from "pulumi-atlas-token";

// The dynamic resource does not know the type of the packaged provider: the program has to name it once.
const aliases = [{ type: "atlas-token:index:ServiceAccountToken" }];

export const { accessToken } = new ServiceAccountToken("ci", {}, { aliases });
