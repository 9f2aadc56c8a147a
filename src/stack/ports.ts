/** Well-known ports of the native stack, and the internal ones that its engines open beside them. */
const basePorts = {
  kafka: 9092,
  kafkaController: 9093,
  s3: 8333,
  // SeaweedFS would take 9333 and the like, and each plus 10000. Next to its S3 port, no offset in hundreds meets another stack.
  s3Grpc: 8334,
  seaweedMaster: 8335,
  seaweedMasterGrpc: 8336,
  seaweedVolume: 8337,
  seaweedVolumeGrpc: 8338,
  seaweedFiler: 8339,
  seaweedFilerGrpc: 8340,
  mariadb: 3306,
  metastore: 9083,
  sparkMaster: 7077,
  sparkWorker: 7078,
  sparkMasterUi: 8080,
  sparkWorkerUi: 8081,
  sparkRest: 6066,
  trino: 8090,
  redis: 6379,
  // UDP, as is telegrafStatsd.
  statsd: 8125,
  statsdAdmin: 8126,
  telegrafStatsd: 8127,
  telegraf: 9273,
  // Their own ports are 9090, which Trino has in a stack 1000 away, and 9093, which is Kafka's.
  prometheus: 9091,
  alertmanager: 9094,
} as const;

export type PortName = keyof typeof basePorts;
export type Ports = Readonly<Record<PortName, number>>;

/** The highest offset that keeps every port below 65536. */
export const maxPortOffset = 65_535 - Math.max(...Object.values(basePorts));

/** Every port of a stack whose ports are all moved up by `offset` (0 to {@link maxPortOffset}). */
export function portsAt(offset: number): Ports {
  if (!Number.isInteger(offset) || offset < 0 || offset > maxPortOffset) {
    throw new RangeError(`A port offset is a whole number from 0 to ${maxPortOffset}, got ${offset}.`);
  }
  const moved = Object.entries(basePorts).map(([name, port]) => [name, port + offset]);
  return Object.fromEntries(moved) as Record<PortName, number>;
}
