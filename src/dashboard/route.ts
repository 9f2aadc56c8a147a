import type { Reply, Request } from './http.js';

/** One line of the table of routes. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'any';
  /** Matches the whole path; its groups are what `Request.caught` holds. */
  readonly path: RegExp;
  /** `open`: anybody. `viewer`: with a session where a password is set. `owner`: with a session, so never without a password. */
  readonly access: 'open' | 'viewer' | 'owner';
  /** Needs the session's CSRF token. */
  readonly isChange?: boolean;
  readonly handle: (request: Request) => Reply | 'answered' | Promise<Reply | 'answered'>;
}
