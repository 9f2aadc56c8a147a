/** Logging in and out. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../commons/logger.js';
import type { Secret } from '../commons/secret.js';
import { json, problem, type Reply, type Request, readBody, redirect } from './http.js';
import { LoginThrottle } from './login-throttle.js';
import { isPassword } from './password.js';
import type { Route } from './route.js';
import type { Session, Sessions } from './sessions.js';

export interface LoginOptions {
  readonly password: Secret | null;
  readonly sessions: Sessions;
  /** Whether whoever is logged in may change anything. */
  readonly isReadOnly: boolean;
  readonly page: () => Promise<Reply>;
  readonly logger: Logger;
}

/** A wrong password is answered a little later: nobody's finger is that quick. */
const wrongAnswerTakesMs = 150;

export function loginRoutes(options: LoginOptions): readonly Route[] {
  const { password, sessions, isReadOnly, page } = options;
  const throttle = new LoginThrottle();
  return [
    {
      method: 'GET',
      path: /^\/login$/,
      access: 'open',
      handle: async () => (password === null ? redirect('/') : await page()),
    },
    { method: 'POST', path: /^\/login$/, access: 'open', handle: async (one) => await logIn(options, throttle, one) },
    {
      method: 'POST',
      path: /^\/logout$/,
      access: 'owner',
      isChange: true,
      handle: ({ session }) => ({ status: 204, headers: { 'set-cookie': sessions.end(session as Session) } }),
    },
    {
      method: 'GET',
      path: /^\/api\/session$/,
      access: 'viewer',
      handle: ({ session }) =>
        json(200, {
          hasPassword: password !== null,
          isReadOnly: isReadOnly || session === null,
          csrfToken: session === null ? null : sessions.csrfToken(session),
        }),
    },
  ];
}

async function logIn(
  { password, sessions, logger }: LoginOptions,
  throttle: LoginThrottle,
  request: Request,
): Promise<Reply> {
  if (password === null) return problem(401, 'no-password', 'There is nothing to log in to: no password is set.');
  const waitMs = throttle.take(request.address);
  if (waitMs > 0) {
    const seconds = Math.ceil(waitMs / 1000);
    const reply = problem(429, 'too-many-tries', `Too many wrong passwords. Try again in ${seconds} s.`);
    return { ...reply, headers: { 'retry-after': String(seconds) } };
  }
  const given = passwordIn(await readBody(request.raw));
  if (given !== null && isPassword(password, given)) {
    throttle.forgive(request.address);
    return { status: 204, headers: { 'set-cookie': sessions.begin() } };
  }
  logger.warn({ address: request.address }, 'a wrong password');
  await delay(wrongAnswerTakesMs);
  return problem(401, 'wrong-password', 'That is not the password.', 'It is the value of ELT_DASHBOARD_PASSWORD.');
}

function passwordIn(body: string | null): string | null {
  return body === null ? null : new URLSearchParams(body).get('password');
}
