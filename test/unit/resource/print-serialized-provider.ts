import { serializedProvider } from "./mocks";

// Pins the text anew, where a change of it is meant: see what serialized-text.test.ts says.
void serializedProvider().then((text) => process.stdout.write(text));
