import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { stackType } from "../checkpoint";
import { projectName, stackName } from "../names";
import { toProperties } from "../structs";
import type { Properties } from "../values";

/** What the program wants a resource to be. */
export interface Goal {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly inputs: Properties;
  readonly parent?: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly additionalSecretOutputs: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** Absent: the provider decides. */
  readonly deleteBeforeReplace?: boolean;
  /** The URNs under which the resource may be known from earlier. */
  readonly aliases: readonly string[];
}

export function goalOf(request: RegisterResourceRequest): Goal {
  const type = request.getType();
  const name = request.getName();
  const parent = request.getParent();
  return {
    urn: urnOf(parent, type, name),
    type,
    custom: request.getCustom(),
    inputs: toProperties(request.getObject()),
    ...(parent === "" ? {} : { parent }),
    dependencies: request.getDependenciesList(),
    propertyDependencies: Object.fromEntries(
      [...request.getPropertydependenciesMap().entries()].map(([key, urns]) => [key, urns.getUrnsList()]),
    ),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    ...(request.getDeletebeforereplacedefined() ? { deleteBeforeReplace: request.getDeletebeforereplace() } : {}),
    aliases: request.getAliasesList().map((alias) => aliasUrn(alias, parent, type, name)),
  };
}

export function urnOf(parent: string, type: string, name: string): string {
  const parentType = parent.split("::")[2] ?? "";
  const qualifiedType = parentType === "" || parentType === stackType ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stackName}::${projectName}::${qualifiedType}::${name}`;
}

function aliasUrn(alias: Alias, parent: string, type: string, name: string): string {
  const spec = alias.getSpec();
  if (!spec) return alias.getUrn();
  const aliasParent = spec.getNoparent() ? "" : spec.getParenturn() || parent;
  return urnOf(aliasParent, spec.getType() || type, spec.getName() || name);
}
