/** The dashboard's answers: who may come in, and which route answers. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { EltError } from '../commons/errors.js';
import type { Logger } from '../commons/logger.js';
import { securityHeaders } from './headers.js';
import { problem, type Reply, type Request, redirect, send } from './http.js';
import type { Route } from './route.js';
import { hostProblem, originProblem } from './same-origin.js';
import type { Sessions } from './sessions.js';

export interface Gate {
  readonly allowedHosts: ReadonlySet<string>;
  readonly hasPassword: boolean;
  readonly sessions: Sessions;
  readonly logger: Logger;
}

/** Answers the requests of one server. */
export function requestListener(gate: Gate, routes: readonly Route[]): RequestListener {
  return (raw, response) => {
    answer(gate, routes, raw, response).catch((error: unknown) => {
      const isExpected = error instanceof EltError;
      if (!isExpected) gate.logger.warn({ err: error, path: raw.url }, 'a request failed');
      if (response.headersSent) response.destroy();
      else send(response, failure(error), false);
    });
  };
}

async function answer(gate: Gate, routes: readonly Route[], raw: IncomingMessage, response: ServerResponse) {
  const method = raw.method ?? 'GET';
  const url = addressOf(raw.url ?? '/');
  const isQueues = url !== null && (url.pathname === '/queues' || url.pathname.startsWith('/queues/'));
  for (const [name, value] of Object.entries(securityHeaders(isQueues))) response.setHeader(name, value);
  if (url === null) {
    send(response, problem(400, 'bad-address', 'That is no address of this server.'), method === 'HEAD');
    return;
  }
  const request: Request = {
    method,
    path: url.pathname,
    query: url.searchParams,
    caught: [],
    address: raw.socket.remoteAddress ?? '',
    session: gate.sessions.find(raw.headers.cookie),
    raw,
    response,
  };
  const reply = refusal(gate, request) ?? (await routed(gate, routes, request));
  if (reply !== 'answered') send(response, reply, method === 'HEAD');
}

/** Null: no address (`//`, say). */
function addressOf(asked: string): URL | null {
  const base = 'http://dashboard';
  return URL.canParse(asked, base) ? new URL(asked, base) : null;
}

/** Before anything is looked at: the right name, and no change that another site asks for. */
function refusal({ allowedHosts }: Gate, { method, raw }: Request): Reply | null {
  const wrongHost = hostProblem(raw.headers, allowedHosts);
  if (wrongHost !== null) return problem(403, 'wrong-host', wrongHost);
  const wrongOrigin = isReading(method) ? null : originProblem(raw.headers);
  return wrongOrigin === null ? null : problem(403, 'cross-site', wrongOrigin, 'Nothing was changed.');
}

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

async function routed(gate: Gate, routes: readonly Route[], request: Request): Promise<Reply | 'answered'> {
  const here = routes.flatMap((route) => {
    const match = route.path.exec(request.path);
    return match === null ? [] : [{ route, caught: match.slice(1) }];
  });
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = here.find(({ route }) => route.method === method || route.method === 'any');
  if (found === undefined) {
    return here.length > 0
      ? problem(405, 'wrong-method', `${request.method} is not possible here.`)
      : problem(404, 'not-found', `There is nothing at ${request.path}.`);
  }
  return withoutRight(gate, found.route, request) ?? (await found.route.handle({ ...request, caught: found.caught }));
}

/** Why this visitor may not use the route; null when they may. */
function withoutRight({ hasPassword, sessions }: Gate, { access, isChange }: Route, request: Request): Reply | null {
  const needsSession = access === 'owner' || (access === 'viewer' && hasPassword);
  if (needsSession && request.session === null) {
    const isPage = isReading(request.method) && !request.path.includes('/api/') && hasPassword;
    if (isPage) return redirect('/login');
    const message = hasPassword ? 'Log in first.' : 'This is off: no password is set.';
    return problem(401, 'not-logged-in', message, 'The password is the value of ELT_DASHBOARD_PASSWORD.');
  }
  if (isChange !== true || request.session === null) return null;
  const token = String(request.raw.headers['x-csrf-token'] ?? '');
  if (sessions.isCsrfToken(request.session, token)) return null;
  return problem(
    403,
    'csrf',
    'The X-CSRF-Token header is missing or wrong. Nothing was changed.',
    'It is in GET /api/session.',
  );
}

function failure(error: unknown): Reply {
  if (!(error instanceof EltError))
    return problem(500, 'internal', 'This should not have happened; see the log of elt dashboard.');
  const status = error.kind === 'external' ? 503 : error.code.startsWith('unknown-') ? 404 : 400;
  return problem(status, error.code, error.message, error.hint ?? null);
}
