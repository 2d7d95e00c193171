import { formsOf } from "../../support/oauth/credentials";

/** Secrets by what they are. */
export type Secrets = Readonly<Record<string, string>>;

/** What of the secrets stands in a text, in any of the forms in which they travel. */
export function secretsIn(text: string, secrets: Secrets): string[] {
  return Object.entries(secrets)
    .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
    .map(([what]) => what);
}
