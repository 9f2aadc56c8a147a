import { type DriverStatus, parseDriverState } from './driver-state.js';
import { type Answer, jsonObject, NoAnswer, request } from './http.js';
import { type CreateOutcome, type KillOutcome, type SubmissionSpec, tooLate } from './submitter.js';

const protocol = '/v1/submissions';
const sparkVersion = '3.5.3';

/**
 * Spark's REST submission server (org.apache.spark.deploy.rest, 3.5): no authentication, every property a string. Several
 * masters: a standby answers HTTP 200 with success:false, so the next one is asked.
 */
export class RestClient {
  readonly #urls: readonly string[];

  constructor(urls: readonly string[]) {
    this.#urls = urls.map((url) => url.replace(/\/+$/, ''));
  }

  /** Not idempotent; so a request that may have gone through is not sent to another master. */
  async create(spec: SubmissionSpec, signal?: AbortSignal, isInTime = () => true): Promise<CreateOutcome> {
    const failures: string[] = [];
    for (const url of this.#urls) {
      if (!isInTime()) return tooLate;
      try {
        const answer = await request(`${url}${protocol}/create`, { method: 'POST', json: createBody(spec), signal });
        const outcome = createOutcome(answer);
        if (outcome !== 'standby') return outcome;
        failures.push(`${url}: standby`);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        if (error.wasSent) return { outcome: 'uncertain', detail: error.message };
        failures.push(error.message);
      }
    }
    return { outcome: 'refused', isPermanent: false, detail: failures.join('; ') };
  }

  async status(submissionId: string, signal?: AbortSignal): Promise<DriverStatus> {
    const failures: string[] = [];
    for (const url of this.#urls) {
      try {
        const answer = await request(`${url}${protocol}/status/${encodeURIComponent(submissionId)}`, { signal });
        const status = statusOf(answer, url);
        if (status !== 'standby') return status;
        failures.push(`${url}: standby`);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        failures.push(error.message);
      }
    }
    return { isKnown: false, reason: 'unreachable', detail: failures.join('; ') };
  }

  async kill(submissionId: string, signal?: AbortSignal): Promise<KillOutcome> {
    const failures: string[] = [];
    for (const url of this.#urls) {
      try {
        const path = `${protocol}/kill/${encodeURIComponent(submissionId)}`;
        const answer = await request(`${url}${path}`, { method: 'POST', signal });
        const body = jsonObject(answer.text);
        if (answer.status === 200 && body?.success === true) return { outcome: 'requested' };
        if (answer.status === 200 && body?.success === false && !isStandby(body)) return { outcome: 'not-running' };
        failures.push(`${url}: ${oneLine(answer)}`);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        failures.push(error.message);
      }
    }
    return { outcome: 'unreachable', detail: failures.join('; ') };
  }
}

/** The body of a create request. `environmentVariables` is required, and stays empty: S3 keys live in the workers' environment. */
function createBody(spec: SubmissionSpec): Readonly<Record<string, unknown>> {
  return {
    action: 'CreateSubmissionRequest',
    clientSparkVersion: sparkVersion,
    appResource: spec.jar,
    mainClass: spec.mainClass,
    appArgs: spec.args,
    environmentVariables: {},
    sparkProperties: spec.properties,
  };
}

function createOutcome(answer: Answer): CreateOutcome | 'standby' {
  const body = jsonObject(answer.text);
  if (answer.status === 200 && body?.success === true && typeof body.submissionId === 'string') {
    return { outcome: 'created', submissionId: body.submissionId };
  }
  if (answer.status === 200 && body?.success === false) {
    return isStandby(body) ? 'standby' : { outcome: 'refused', isPermanent: false, detail: oneLine(answer) };
  }
  if (answer.status >= 400 && answer.status < 500 && body?.action === 'ErrorResponse') {
    return { outcome: 'refused', isPermanent: true, detail: oneLine(answer) };
  }
  return { outcome: 'uncertain', detail: oneLine(answer) };
}

/** An unknown id is answered with HTTP 200, success:false and no driverState. */
function statusOf(answer: Answer, url: string): DriverStatus | 'standby' {
  const body = jsonObject(answer.text);
  if (answer.status !== 200 || body === undefined) {
    return { isKnown: false, reason: 'odd-answer', detail: `${url}: ${oneLine(answer)}` };
  }
  const driverState = parseDriverState(body.driverState);
  if (body.success === true && driverState !== undefined) {
    return { isKnown: true, driverState, workerId: text(body.workerId), message: text(body.message) };
  }
  if (body.success === false && isStandby(body)) return 'standby';
  if (body.success === false && body.driverState === undefined) {
    return { isKnown: false, reason: 'forgotten', detail: `the Spark master at ${url} does not know this driver` };
  }
  return { isKnown: false, reason: 'odd-answer', detail: `${url}: ${oneLine(answer)}` };
}

/** Utils.BACKUP_STANDALONE_MASTER_PREFIX in Spark's source. */
function isStandby(body: Readonly<Record<string, unknown>>): boolean {
  return /Current state is not alive/i.test(String(body.message ?? ''));
}

function oneLine({ status, text: body }: Answer): string {
  const message = jsonObject(body)?.message;
  const shown = (typeof message === 'string' ? message : body).replace(/\s+/g, ' ').trim();
  return `HTTP ${status} ${shown.slice(0, 300)}`.trim();
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
