/// <reference lib="dom" />
/** Questions to the server. */

export interface SessionInfo {
  readonly hasPassword: boolean;
  readonly isReadOnly: boolean;
  readonly csrfToken: string | null;
}

/** @throws Error with the server's message; leaves for the login page when the session is over */
export async function ask<T>(path: string): Promise<T> {
  return (await (await answered(fetch(path))).json()) as T;
}

export async function post(path: string, { csrfToken }: SessionInfo): Promise<void> {
  await answered(fetch(path, { method: 'POST', headers: { 'X-CSRF-Token': csrfToken ?? '' } }));
}

async function answered(asking: Promise<Response>): Promise<Response> {
  const response = await asking;
  if (response.ok) return response;
  if (response.status === 401) window.location.assign('/login');
  const body = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
  throw new Error(body?.error?.message ?? `The dashboard answered ${response.status}.`);
}
