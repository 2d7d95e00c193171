import * as mongodbatlas from "@pulumi/mongodbatlas";
import * as pulumi from "@pulumi/pulumi";
import { getEphemeralTokenOutput } from "pulumi-atlas-token-sdk";

// The form without "Output" would return the token as plain text, and the state would not encrypt it.
const { accessToken } = getEphemeralTokenOutput();

// The token is another one in every run.
const atlas = new mongodbatlas.Provider("atlas", { accessToken }, { hideDiffs: ["accessToken"] });

new mongodbatlas.Project("app", { orgId: new pulumi.Config().require("orgId") }, { provider: atlas });
