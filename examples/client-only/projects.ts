/** Lists the names of the projects that a token can access: the first page of `GET /api/atlas/v2/groups`. */
export async function listProjects(baseUrl: string, accessToken: string, signal: AbortSignal): Promise<string[]> {
  const response = await fetch(new URL("/api/atlas/v2/groups", baseUrl), {
    headers: { accept: "application/vnd.atlas.2024-08-05+json", authorization: `Bearer ${accessToken}` },
    signal,
  });
  if (!response.ok) throw new Error(`listing the projects failed: Atlas responded with ${response.status}`);
  const { results } = (await response.json()) as { results: { name: string }[] };
  return results.map(({ name }) => name);
}
