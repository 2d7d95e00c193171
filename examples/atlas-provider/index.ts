import * as mongodbatlas from "@pulumi/mongodbatlas";
import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken } from "pulumi-atlas-token";

const config = new pulumi.Config();

// An `up` may take half an hour: it never starts with a token that expires earlier.
const token = new ServiceAccountToken("atlas", { renewBefore: "30m" });

const atlas = new mongodbatlas.Provider("atlas", { accessToken: token.accessToken });

const project = new mongodbatlas.Project("app", { orgId: config.require("orgId") }, { provider: atlas });

export const projectId = project.id;
export const usableUntil = token.expiresAt;
