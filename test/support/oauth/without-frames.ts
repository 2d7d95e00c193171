/** A text without the lines of a stack trace: the names in them can be those of a secret that was drawn at random. */
export function withoutFrames(text: string): string {
  return text.replace(/^[\s'+]*at .*$/gm, "");
}
