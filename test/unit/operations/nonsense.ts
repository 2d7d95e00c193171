/** What a hand can make of any property of a state. */
export const nonsense: readonly { readonly description: string; readonly value: unknown }[] = [
  { description: "missing", value: undefined },
  { description: "null", value: null },
  { description: "an empty text", value: "" },
  { description: "some text", value: "nonsense" },
  { description: "text with a digit, which JavaScript takes for a date", value: "nonsense 1" },
  { description: "a year", value: "2001" },
  { description: "a moment that RFC 3339 cannot write", value: "+275760-09-13T00:00:00Z" },
  { description: "a number", value: 5 },
  { description: "a huge number", value: Number.MAX_VALUE },
  { description: "true", value: true },
  { description: "false", value: false },
  { description: "a list", value: ["nonsense"] },
  { description: "an object", value: { nonsense: 1 } },
  { description: "an object that cannot become text", value: { toString: 5, valueOf: 5 } },
  { description: "an object without a prototype", value: Object.create(null) as unknown },
];
