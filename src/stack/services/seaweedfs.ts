import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../layout.js';
import { engine } from '../manifest.js';
import { ensureBucket } from '../probes/s3-bucket.js';
import { renderFile } from '../render.js';
import { host, type Service, type StackContext } from '../service.js';

/** The bucket of the lakehouse, and the region that S3 clients insist on. */
export const bucket = 'lakehouse';
export const region = 'us-east-1';

const identities = (context: StackContext) => join(context.layout.conf, 'seaweedfs', 's3.json');
const dataFolder = (context: StackContext) => join(context.layout.data, 'seaweedfs');

/** SeaweedFS as the S3 server: master, volume server, filer and S3 gateway in one process. */
export const s3: Service = {
  name: 's3',
  needs: [],
  ports: [
    's3',
    's3Grpc',
    'seaweedMaster',
    'seaweedMasterGrpc',
    'seaweedVolume',
    'seaweedVolumeGrpc',
    'seaweedFiler',
    'seaweedFilerGrpc',
  ],
  version: (context) => engine(context.manifest, 'seaweedfs').version,
  endpoint: (context) => `http://${host}:${context.ports.s3}`,
  prepare: async (context) => {
    await mkdir(dataFolder(context), { recursive: true });
    await renderFile(join(packageRoot, 'infra', 'seaweedfs', 's3.json'), identities(context), {
      S3_ACCESS_KEY: context.secrets.s3AccessKey,
      S3_SECRET_KEY: context.secrets.s3SecretKey.reveal(),
    });
  },
  command: (context) => ({ file: join(context.homes.seaweedfs, 'weed'), args: arguments_(context) }),
  probe: (context, signal) =>
    ensureBucket(
      {
        endpoint: `http://${host}:${context.ports.s3}`,
        region,
        accessKey: context.secrets.s3AccessKey,
        secretKey: context.secrets.s3SecretKey.reveal(),
      },
      bucket,
      signal,
    ),
  readyTimeoutMs: 120_000,
  // Its filer waits 15 s for a stream to itself that nobody closes; what was written is with the kernel at once.
  stopTimeoutMs: 2_000,
};

/** Every server of `weed` opens a second port for gRPC, 10000 higher unless told otherwise: all are told. */
function arguments_(context: StackContext): string[] {
  const { ports } = context;
  return [
    '-logtostderr=true',
    'server',
    `-ip=${host}`,
    `-ip.bind=${host}`,
    `-dir=${dataFolder(context)}`,
    `-master.port=${ports.seaweedMaster}`,
    `-master.port.grpc=${ports.seaweedMasterGrpc}`,
    '-master.volumeSizeLimitMB=512',
    '-master.telemetry=false',
    // A single master with saved state would wait so long for other candidates.
    '-master.electionTimeout=1s',
    '-master.heartbeatInterval=100ms',
    `-volume.port=${ports.seaweedVolume}`,
    `-volume.port.grpc=${ports.seaweedVolumeGrpc}`,
    '-volume.max=100',
    // Nobody has to notice before it goes: there is no other volume server.
    '-volume.preStopSeconds=0',
    '-filer',
    `-filer.port=${ports.seaweedFiler}`,
    `-filer.port.grpc=${ports.seaweedFilerGrpc}`,
    '-s3',
    `-s3.port=${ports.s3}`,
    `-s3.port.grpc=${ports.s3Grpc}`,
    '-s3.port.iceberg=0',
    '-s3.port.lance=0',
    `-s3.config=${identities(context)}`,
  ];
}
