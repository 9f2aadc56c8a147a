// Not Node's own fetch: it refuses some ports that a port offset may lead to (10080, "bad port").
import fetch, { type Response } from 'node-fetch';

/** Gets a JSON document; anything but a 2xx answer throws. */
export async function getJson(url: string, signal: AbortSignal): Promise<unknown> {
  return read(await fetch(url, { signal }), url);
}

/** Gets a text; anything but a 2xx answer throws. */
export async function getText(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`);
  return text;
}

/** Runs a statement on Trino to its end: every page is fetched, an error of the query is thrown. */
export async function trinoStatement(url: string, sql: string, signal: AbortSignal): Promise<void> {
  const headers = { 'X-Trino-User': 'elt' };
  // See spark/http.ts: node-fetch must not be given a body after the abort.
  signal.throwIfAborted();
  let page = await trinoPage(await fetch(`${url}/v1/statement`, { method: 'POST', body: sql, headers, signal }), url);
  while (page.nextUri !== undefined) page = await trinoPage(await fetch(page.nextUri, { headers, signal }), url);
}

interface TrinoPage {
  readonly nextUri?: string;
  readonly error?: { readonly message: string };
}

async function trinoPage(response: Response, url: string): Promise<TrinoPage> {
  const page = (await read(response, url)) as TrinoPage;
  if (page.error !== undefined) throw new Error(page.error.message);
  return page;
}

async function read(response: Response, url: string): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`);
  return JSON.parse(text);
}
