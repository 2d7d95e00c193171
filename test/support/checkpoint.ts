import type { Deployment, StateResource } from "./stack";
import { containsSecret, providerKey, reveal, type Properties } from "./values";

/** A resource in Pulumi's own format of a checkpoint. */
export interface CheckpointResource {
  urn: string;
  type: string;
  custom: boolean;
  id?: string;
  delete?: boolean;
  pendingReplacement?: boolean;
  inputs?: Properties;
  outputs?: Properties;
  parent?: string;
  protect?: boolean;
  retainOnDelete?: boolean;
  provider?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
  additionalSecretOutputs?: string[];
  initErrors?: string[];
  ignoreChanges?: string[];
  replaceOnChanges?: string[];
}

export const stackType = "pulumi:pulumi:Stack";

/** The stack itself and provider resources are Pulumi's bookkeeping: no scenario declares them. */
export function isBookkeeping(type: string): boolean {
  return type === stackType || type.startsWith("pulumi:providers:");
}

export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

export function checkpointResources({ deployment }: Deployment): readonly CheckpointResource[] {
  return (deployment as { resources?: CheckpointResource[] }).resources ?? [];
}

export function resourcesOf(deployment: Deployment): readonly StateResource[] {
  return checkpointResources(deployment)
    .filter(({ type }) => !isBookkeeping(type))
    .map((resource) => ({
      urn: resource.urn,
      type: resource.type,
      name: nameOf(resource.urn),
      ...(resource.id === undefined ? {} : { id: resource.id }),
      inputs: visible(resource.inputs),
      outputs: visible(resource.outputs),
      secretInputs: secretNames(resource.inputs),
      secretOutputs: secretNames(resource.outputs),
      ...(resource.delete ? { delete: true } : {}),
      ...(resource.pendingReplacement ? { pendingReplacement: true } : {}),
      ...(resource.initErrors?.length ? { initErrors: resource.initErrors } : {}),
    }));
}

export function stackOutputsOf(deployment: Deployment): Properties {
  return visible(checkpointResources(deployment).find(({ type }) => type === stackType)?.outputs);
}

function visible(properties: Properties = {}): Properties {
  return Object.fromEntries(Object.entries(reveal(properties)).filter(([name]) => name !== providerKey));
}

function secretNames(properties: Properties = {}): string[] {
  return Object.keys(properties).filter((name) => name !== providerKey && containsSecret(properties[name]));
}
