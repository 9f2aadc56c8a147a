#!/usr/bin/env node
import { loadConfig } from '../commons/config.js';
/** The two one-off services of docker-compose.yml: `render` writes the engines' configuration, `prepare` makes the bucket and the topics. */
import { EltError } from '../commons/errors.js';
import { createTopic } from '../kafka/create-topic.js';
import { composeSettings, renderComposeConfig } from '../stack/compose-config.js';
import { ensureBucket } from '../stack/probes/s3-bucket.js';

const replicas = 2;
const partitions = 4;

async function main(action: string | undefined, folder = '/conf'): Promise<void> {
  if (action === 'render') {
    const { alerts } = loadConfig({ env: process.env, cwd: process.cwd() });
    for (const file of await renderComposeConfig(process.env, alerts, folder)) process.stdout.write(`${file}\n`);
    return;
  }
  if (action !== 'prepare') throw new Error(`expected render [FOLDER] or prepare, got "${action ?? ''}"`);
  const { S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY, S3_BUCKET } = composeSettings(process.env);
  const access = { endpoint: S3_ENDPOINT, region: S3_REGION, accessKey: S3_ACCESS_KEY, secretKey: S3_SECRET_KEY };
  // A bucket of one's own exists already: AWS wants more than a name to make one.
  if (process.env['S3_IS_OURS'] === 'true') await ensureBucket(access, S3_BUCKET, AbortSignal.timeout(60_000));
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  for (const { extract } of Object.values(config.pipelines)) {
    if (extract === undefined) continue;
    const isNew = await createTopic(config.kafka, extract.topic, { partitions, replicas });
    process.stdout.write(`topic ${extract.topic}: ${isNew ? `made, ${replicas} replicas` : 'there already'}\n`);
  }
}

try {
  await main(process.argv[2], process.argv[3]);
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof EltError ? error.exitCode : 1;
}
