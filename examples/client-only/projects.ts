/** The names of the projects that a token may see: `GET /api/atlas/v2/groups`, the first page. */
export async function listProjects(baseUrl: string, accessToken: string, signal: AbortSignal): Promise<string[]> {
  const response = await fetch(new URL("/api/atlas/v2/groups", baseUrl), {
    headers: { accept: "application/vnd.atlas.2024-08-05+json", authorization: `Bearer ${accessToken}` },
    signal,
  });
  if (!response.ok) throw new Error(`the projects could not be listed: Atlas answered ${response.status}`);
  const { results } = (await response.json()) as { results: { name: string }[] };
  return results.map(({ name }) => name);
}
