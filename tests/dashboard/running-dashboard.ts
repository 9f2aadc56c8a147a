/** The built `elt dashboard` as a process of its own, beside a real Redis; Kafka is not there, Trino is what a test makes of it. */
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { Installation, until } from '../cli/program.js';

export const password = 'correct-horse-battery';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export class RunningDashboard {
  readonly line: Installation;
  readonly url: string;
  /** Everything that it has printed. */
  readonly printed: () => string;
  readonly pid: number;

  private constructor(line: Installation, url: string, printed: () => string, pid: number) {
    this.line = line;
    this.url = url;
    this.printed = printed;
    this.pid = pid;
  }

  /** Its own Redis prefix; `env` on top of the installation's. */
  static async start(redisUrl: string, prefix: string, env: Record<string, string> = {}): Promise<RunningDashboard> {
    const line = await Installation.open(redisUrl, prefix);
    const child = line.start(['dashboard', '--port', '0', '-o', 'json'], { ELT_LOG_LEVEL: 'warn', ...env }, 600_000);
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    try {
      const url = await until('the dashboard tells its address', () => /"url": "([^"]+)\/"/.exec(text)?.[1]);
      return new RunningDashboard(line, url, () => text, child.pid as number);
    } catch (error) {
      await line.close();
      throw new Error(`${(error as Error).message}\n${text}`);
    }
  }

  get host(): string {
    return new URL(this.url).host;
  }

  /** One request, exactly as given: no header is added but `Host`. */
  async ask(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      const outgoing = request(this.url, { path, method, headers, agent: false }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString(),
          });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  async logIn(given: string, headers: Record<string, string> = {}): Promise<Answer> {
    const body = new URLSearchParams({ password: given }).toString();
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: this.url, ...headers };
    return await this.ask('/login', { method: 'POST', headers: form, body });
  }

  /** The cookie of a new session. */
  async cookie(): Promise<string> {
    const { status, headers, body } = await this.logIn(password);
    if (status !== 204) throw new Error(`could not log in: ${status} ${body}`);
    return String(headers['set-cookie']?.[0]).split(';')[0] as string;
  }

  /** An event stream that has begun. */
  async stream(cookie: string) {
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      request(this.url, { path: '/api/events', headers: { cookie }, agent: false }, resolve).on('error', reject).end();
    });
    let isOpen = true;
    const ended = new Promise<void>((resolve) => {
      incoming.once('close', () => {
        isOpen = false;
        resolve();
      });
    });
    incoming.on('error', () => {});
    incoming.resume();
    return { cookie, ended, isOpen: () => isOpen, close: () => incoming.destroy() };
  }

  async close(): Promise<void> {
    await this.line.close();
  }
}
