/** Reads a Basic header as RFC 6749 section 2.3.1 has it, by other means than it was written. */
export function readBasic(header = ""): { readonly clientId: string; readonly clientSecret: string } {
  const pair = Buffer.from(header.replace(/^Basic /, ""), "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return { clientId: formDecode(pair.slice(0, colon)), clientSecret: formDecode(pair.slice(colon + 1)) };
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", "%20"));
}
