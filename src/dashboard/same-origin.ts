/** Who may talk to the dashboard: checks against DNS rebinding and cross-site requests. Pure. */
import type { IncomingHttpHeaders } from 'node:http';

/** The names that the dashboard answers to, as `Host` headers. */
export function allowedHosts(host: string, port: number, others: readonly string[]): ReadonlySet<string> {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'];
  const own = [...loopback, host.includes(':') ? `[${host}]` : host].map((name) => `${name}:${port}`);
  return new Set([...own, ...others].map((name) => name.toLowerCase()));
}

/** Why a request is refused because of the name it was sent to; null when it is fine. A page of another site cannot choose this name. */
export function hostProblem(headers: IncomingHttpHeaders, allowed: ReadonlySet<string>): string | null {
  const { host } = headers;
  if (host !== undefined && allowed.has(host.toLowerCase())) return null;
  const names = [...allowed].join(', ');
  return `The dashboard does not answer to "${host ?? ''}", expected one of ${names}. To add a name: dashboard.allowedHosts.`;
}

/** Why a request that changes something is refused: browsers say where it comes from, and scripts of other sites cannot lie. */
export function originProblem(headers: IncomingHttpHeaders): string | null {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return `This request comes from another site (${String(site)}).`;
  if (origin === undefined) return `This request has no Origin header, expected Origin: http://${host ?? ''}`;
  const isOwn = origin === `http://${host}` || origin === `https://${host}`;
  return isOwn ? null : `This request comes from ${origin}, expected http://${host ?? ''}.`;
}
