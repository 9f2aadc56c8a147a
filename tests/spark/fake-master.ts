/**
 * A Spark standalone cluster over real HTTP, written by hand after the source of 3.5: one REST server, one master UI, one worker UI.
 * It can be slow, forget, lie, stand by and go away.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeDriver {
  readonly id: string;
  state: string;
  readonly mainClass: string;
  readonly name: string;
  readonly properties: Record<string, string>;
  readonly args: readonly string[];
  hasWorker: boolean;
  readonly workerId: string;
  stdout: string;
  stderr: string;
  /** As Spark does when it is asked to kill (java.lang.Process.destroy): what the driver says afterwards is lost. */
  isSilenced: boolean;
  kills: number;
}

interface CreateRequest {
  readonly mainClass: string;
  readonly appArgs: readonly string[];
  readonly sparkProperties: Record<string, string>;
  readonly environmentVariables: Record<string, string>;
}

export class FakeMaster {
  readonly drivers: FakeDriver[] = [];
  readonly bodies: CreateRequest[] = [];
  /** `STANDBY` or `RECOVERING` answer as a master does that is not ALIVE. */
  status = 'ALIVE';
  /** What happens to the next create requests; the driver is made, but its answer is lost, for `drop-answer`. */
  createMode: 'answer' | 'drop-answer' | 'refuse' | 'malformed' | 'error-page' = 'answer';
  /** New drivers stay SUBMITTED without a worker. */
  hasCores = true;
  isWorkerUp = true;
  /** Another one: the worker was killed and came back under a new id. */
  workerId = 'worker-1';
  readonly applications: { id: string; name: string; state: string }[] = [];
  /** Nobody listens at the REST server; the web UI answers. */
  isRestUp = true;
  /** What the next status request is answered with. */
  statusMode: () => 'truth' | 'error-page' | 'no-state' | 'odd-state' | 'standby' = () => 'truth';
  /** How many ended drivers the master remembers (spark.deploy.retainedDrivers); their logs stay with the worker. */
  retainedDrivers = 200;
  readonly #forgotten = new Map<string, FakeDriver>();
  /** Called when a driver was made. */
  onCreate: (driver: FakeDriver) => void = () => {};
  onKill: (driver: FakeDriver) => void = (driver) => {
    driver.state = 'KILLED';
  };
  readonly #servers: Server[] = [];
  #rest = '';
  #ui = '';
  #workerUi = '';

  static async start(): Promise<FakeMaster> {
    const master = new FakeMaster();
    master.#rest = await master.#listen((request, response) => master.#answerRest(request, response));
    master.#ui = await master.#listen((_, response) => master.#answerUi(response));
    master.#workerUi = await master.#listen((request, response) => master.#answerWorker(request, response));
    return master;
  }

  get addresses() {
    return { rest: [this.#rest], ui: [this.#ui] };
  }

  get workerUi(): string {
    return this.#workerUi;
  }

  /** All known drivers and applications are gone, as after a master restarted without recovery. */
  forget(): void {
    this.drivers.length = 0;
    this.applications.length = 0;
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
    const server = createServer(answer);
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  #answerRest(request: IncomingMessage, response: ServerResponse): void {
    if (!this.isRestUp) return void request.socket.destroy();
    const [, , , action, id] = (request.url ?? '').split('/');
    if (action === 'create') return void this.#create(request, response);
    const driver = this.drivers.find((one) => one.id === id);
    const standby = this.status === 'ALIVE' ? undefined : standbyMessage(this.status);
    if (action === 'kill') {
      if (driver !== undefined && standby === undefined) {
        driver.kills++;
        const { stdout } = driver;
        this.onKill(driver);
        driver.stdout = stdout;
        driver.isSilenced = true;
      }
      const success = driver !== undefined && standby === undefined;
      json(response, { action: 'KillSubmissionResponse', success, submissionId: id, message: standby });
      return;
    }
    const mode = this.statusMode();
    if (mode === 'error-page') return void response.writeHead(500).end('<html>oops</html>');
    if (mode === 'odd-state' || mode === 'no-state') {
      const lie = mode === 'odd-state' ? { driverState: 'PONDERING' } : {};
      json(response, { action: 'SubmissionStatusResponse', success: true, submissionId: id, ...lie });
      return;
    }
    if (driver === undefined || standby !== undefined || mode === 'standby') {
      const message = standby ?? (mode === 'standby' ? standbyMessage('STANDBY') : undefined);
      json(response, {
        action: 'SubmissionStatusResponse',
        success: false,
        submissionId: id,
        ...(message === undefined ? {} : { message: `Exception from the cluster:\n${message}` }),
      });
      return;
    }
    json(response, {
      action: 'SubmissionStatusResponse',
      success: true,
      submissionId: id,
      driverState: driver.state,
      ...(driver.hasWorker ? { workerId: driver.workerId, workerHostPort: '127.0.0.1:1' } : {}),
    });
  }

  async #create(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = (value: object) => json(response, { action: 'CreateSubmissionResponse', ...value });
    if (this.createMode === 'malformed') return json(response, { action: 'ErrorResponse', message: 'bad field' }, 400);
    if (this.createMode === 'error-page') return void response.writeHead(500).end('<html>oops</html>');
    if (this.createMode === 'refuse') return answer({ success: false, message: 'no more drivers' });
    if (this.status !== 'ALIVE') return answer({ success: false, message: standbyMessage(this.status) });
    const body = JSON.parse(Buffer.concat(chunks).toString()) as CreateRequest;
    this.bodies.push(body);
    const driver = this.#newDriver(body);
    this.#forgetOldest();
    this.drivers.push(driver);
    this.onCreate(driver);
    if (this.createMode === 'drop-answer') return void request.socket.destroy();
    answer({ success: true, submissionId: driver.id, message: `Driver successfully submitted as ${driver.id}` });
  }

  #newDriver({ mainClass, appArgs, sparkProperties }: CreateRequest): FakeDriver {
    const name = sparkProperties['spark.app.name'] ?? '';
    const options = Object.entries(sparkProperties).map(([key, value]) => `"-D${key}=${value}"`);
    const number = String(this.bodies.length - 1).padStart(4, '0');
    return {
      id: `driver-20261122163000-${number}`,
      state: this.hasCores ? 'RUNNING' : 'SUBMITTED',
      mainClass,
      name,
      properties: sparkProperties,
      args: appArgs,
      hasWorker: this.hasCores,
      workerId: this.workerId,
      stdout: '',
      stderr: `Launch Command: "java" "-cp" "x" ${options.join(' ')} "org.apache.spark.deploy.worker.DriverWrapper" "spark://Worker@127.0.0.1:1" "/work/elt.jar" "${mainClass}" "${appArgs.join('" "')}"\n`,
      kills: 0,
      isSilenced: false,
    };
  }

  #forgetOldest(): void {
    const ended = this.drivers.filter(({ state }) => state !== 'SUBMITTED' && state !== 'RUNNING');
    for (const driver of ended.slice(0, Math.max(0, ended.length - this.retainedDrivers))) {
      this.drivers.splice(this.drivers.indexOf(driver), 1);
      this.#forgotten.set(driver.id, driver);
    }
  }

  /** A restart: it recovers what runs, and has forgotten what has ended. */
  restart(): void {
    const { retainedDrivers } = this;
    this.retainedDrivers = 0;
    this.#forgetOldest();
    this.retainedDrivers = retainedDrivers;
  }

  #answerUi(response: ServerResponse): void {
    const isActive = ({ state }: FakeDriver) => state === 'SUBMITTED' || state === 'RUNNING';
    const listed = this.drivers.map((driver) => ({
      ...driver,
      mainclass: driver.mainClass,
      worker: driver.hasWorker ? driver.workerId : 'None',
    }));
    const coresfree = this.hasCores ? 4 : 0;
    const worker = { id: this.workerId, webuiaddress: this.#workerUi, cores: 4, coresfree, memoryfree: 1024 };
    json(response, {
      status: this.status,
      workers: [{ ...worker, state: this.isWorkerUp ? 'ALIVE' : 'DEAD' }],
      activedrivers: listed.filter(isActive),
      completeddrivers: listed.filter((driver) => !isActive(driver)),
      activeapps: this.applications,
      completedapps: [],
    });
  }

  #answerWorker(request: IncomingMessage, response: ServerResponse): void {
    if (!this.isWorkerUp) return void request.socket.destroy();
    const url = new URL(request.url ?? '/', 'http://worker');
    if (url.pathname === '/') {
      const running = this.drivers.filter((driver) => driver.state === 'RUNNING' && driver.hasWorker);
      return void response.end(
        `<h4>Running Drivers</h4>${running.map(({ id }) => id).join()}<h4>Finished Drivers</h4>`,
      );
    }
    // As Jetty does for a servlet at /log.
    if (url.pathname === '/log') return void response.writeHead(302, { location: `/log/${url.search}` }).end();
    const driverId = url.searchParams.get('driverId') ?? '';
    const driver = this.drivers.find(({ id }) => id === driverId) ?? this.#forgotten.get(driverId);
    const log = Buffer.from((url.searchParams.get('logType') === 'stderr' ? driver?.stderr : driver?.stdout) ?? '');
    const start = Math.min(Number(url.searchParams.get('offset')), log.length);
    const end = Math.min(start + Number(url.searchParams.get('byteLength')), log.length);
    response.setHeader('content-type', 'text/plain;charset=utf-8');
    response.write(`==== Bytes ${start}-${end} of ${log.length} of /work/${driver?.id}/stdout ====\n`);
    response.end(log.subarray(start, end));
  }
}

function standbyMessage(status: string): string {
  return `Current state is not alive: ${status}. Can only accept driver submissions in ALIVE state.`;
}

function json(response: ServerResponse, value: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
