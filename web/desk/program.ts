/** Speaking to the member's own program. The session's secret lives in memory alone. */
let secret = "";

/** What the program refused, in its words. */
export class Refused extends Error {
  constructor(readonly code: string, title: string, readonly detail: string) {
    super(title);
  }
}

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const headers: Record<string, string> = { "x-amparo-session": secret };
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(path, { method, headers, cache: "no-store", credentials: "omit", ...(body !== undefined ? { body: JSON.stringify(body) } : {}) });
  const value = (await answer.json()) as { code?: string; title?: string; detail?: string; session?: string };
  if (!answer.ok) throw new Refused(value.code ?? "", value.title ?? "", value.detail ?? "");
  return value;
}

/** The token of the address for a session; the address forgets it. */
export async function begin(): Promise<void> {
  const token = location.hash.slice(1);
  history.replaceState(null, "", "/");
  secret = ((await ask("POST", "/api/session", { token })) as { session: string }).session;
}

export async function get<T>(path: string): Promise<T> {
  return (await ask("GET", path)) as T;
}

export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  return (await ask("POST", path, body)) as T;
}
