const OF_INTEREST = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NODE_TLS_REJECT_UNAUTHORIZED"].flatMap(
  (name) => [name, name.toLowerCase()],
);

export type Environment = Readonly<Record<string, string>>;

/** Of all variables that the client could look at, leaves only these, whatever the machine's own say; returns an undo. */
export function setEnvironment(env: Environment = {}): () => void {
  const before = OF_INTEREST.map((name) => [name, process.env[name]] as const);
  for (const name of OF_INTEREST) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, env);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}
