/** Encodes as `application/x-www-form-urlencoded` does; letters, digits, `_` and `-` stay as they are. */
export function formEncode(value: string): string {
  return new URLSearchParams([["", value]]).toString().slice(1);
}

/** The value of a Basic `Authorization` header, both parts form-encoded before base64 (RFC 6749 section 2.3.1). */
export function basicAuthorization(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString("base64")}`;
}
