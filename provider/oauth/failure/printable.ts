/**
 * Makes a text fit for one line of a message: removes control, escape, line and bidirectional characters, with which a name or
 * a server's words could pass themselves off as another line.
 */
export function printable(text: string): string {
  const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
  return text
    .replace(ansi, "")
    .replace(/\s/g, " ")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu, "")
    .replace(/ +/g, " ");
}
