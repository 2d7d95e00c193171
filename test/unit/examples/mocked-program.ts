import * as pulumi from "@pulumi/pulumi";
import * as state from "@pulumi/pulumi/runtime/state";
import { loadExample } from "./load-example";

/** What a program registered. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The explicit provider of the resource, if it has one. */
  readonly provider?: string | undefined;
}

export interface MockedRun {
  /** In the order of registration. */
  readonly resources: readonly Registered[];
  /** What the program exports. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

export interface MockedProgram {
  readonly config?: Readonly<Record<string, string>>;
  /** What a resource has beside its inputs once it is created. */
  readonly created?: (resource: Registered) => Readonly<Record<string, unknown>>;
  /** Nothing is created then, and nothing known but the inputs. */
  readonly preview?: boolean;
}

const project = "example";

/** Among the SDK's internals: a store of its own, so that no other test of the process sees the mocks. */
const { withLocalStorage } = state as unknown as { withLocalStorage: <T>(run: () => Promise<T>) => Promise<T> };

/** Runs an example's program as a user's own unit test would: with Pulumi's mocks, without any provider. */
export function runMocked(
  example: string,
  { config = {}, created = () => ({}), preview = false }: MockedProgram = {},
): Promise<MockedRun> {
  const resources: Registered[] = [];
  return withLocalStorage(async () => {
    const mocks: pulumi.runtime.Mocks = {
      newResource({ type, name, inputs, provider }) {
        const resource = { type, name, inputs: inputs as Record<string, unknown>, provider };
        resources.push(resource);
        return preview
          ? { id: undefined, state: inputs as object }
          : { id: `${name}-id`, state: { ...resource.inputs, ...created(resource) } };
      },
      call: () => ({}),
    };
    await pulumi.runtime.setMocks(mocks, project, "test", preview);
    pulumi.runtime.setAllConfig(
      Object.fromEntries(Object.entries(config).map(([key, value]) => [`${project}:${key}`, value])),
    );
    const outputs = { ...loadExample(example) };
    await pulumi.runtime.disconnect();
    return { resources, outputs };
  });
}

/** The one resource of a type, by the last part of its name. */
export function only({ resources }: MockedRun, type: string): Registered {
  const [found, ...others] = resources.filter((resource) => resource.type.endsWith(type));
  if (found === undefined || others.length > 0) throw new Error(`${others.length + 1} resources of type ${type}`);
  return found;
}

export const tokenType = ":ServiceAccountToken";

export function isUnknown(value: unknown): boolean {
  return typeof value === "object" && value !== null && "__pulumiUnknown" in value;
}

/** The value behind the mark that says it is a secret; fails for any other. */
export function secretOf(input: unknown): unknown {
  if (typeof input === "object" && input !== null && pulumi.runtime.specialSigKey in input && "value" in input) {
    return input.value;
  }
  throw new Error("not a secret");
}
