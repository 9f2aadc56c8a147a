/** Spark's own driver states, in lower case. `running` is set before the JVM is up; `failed` and `error` say nothing of our run's outcome. */
const driverStates = [
  'submitted',
  'running',
  'finished',
  'relaunching',
  'unknown',
  'killed',
  'failed',
  'error',
] as const;

export type DriverState = (typeof driverStates)[number];

/** What is known of a driver now. Not knowing is a value: ask again, never submit again. */
export type DriverStatus =
  | {
      readonly isKnown: true;
      readonly driverState: DriverState;
      /** The Spark worker that has the driver, once it has one. */
      readonly workerId: string | null;
      readonly message: string | null;
    }
  | {
      readonly isKnown: false;
      /** `forgotten`: a live master does not know the id (it restarted, or 200 drivers ended since). */
      readonly reason: 'unreachable' | 'forgotten' | 'odd-answer';
      readonly detail: string;
    };

/** Whether the driver's process is gone, as far as Spark knows. After `error` (its worker was lost) it may still live. */
export function isEnded(state: DriverState): boolean {
  return state === 'finished' || state === 'killed' || state === 'failed' || state === 'error';
}

/** Reads a state as the REST server writes it; undefined for a missing or odd one. */
export function parseDriverState(value: unknown): DriverState | undefined {
  const word = typeof value === 'string' ? value.toLowerCase() : undefined;
  return driverStates.find((state) => state === word);
}
