import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import { isBookkeeping, nameOf } from "./checkpoint";
import type { Op, Step } from "./stack";

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

export function finishedSteps(events: readonly EngineEvent[]): Step[] {
  return events.flatMap((event) => {
    // The engine reports a component's outputs whenever the program registers them, or never: its work is done before.
    const component = event.resourcePreEvent?.metadata;
    if (component && !isCustom(component) && component.op !== ("refresh" as OpType)) return toStep(component);
    const custom = event.resOutputsEvent?.metadata;
    return custom && isCustom(custom) ? toStep(custom) : [];
  });
}

export function failedSteps(events: readonly EngineEvent[]): Step[] {
  return events.flatMap(({ resOpFailedEvent }) => (resOpFailedEvent ? toStep(resOpFailedEvent.metadata) : []));
}

function isCustom({ new: next, old }: Metadata): boolean {
  return (next ?? old)?.custom ?? false;
}

function toStep({ op, urn, type, new: next, old }: Metadata): Step[] {
  if (isBookkeeping(type)) return [];
  const id = (next ?? old)?.id;
  return [{ op: op as Op, name: nameOf(urn), type, ...(id ? { id } : {}) }];
}
