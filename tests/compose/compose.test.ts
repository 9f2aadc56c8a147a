import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { execa } from 'execa';
import { loadConfig } from '../../src/commons/config.js';
import { configSchema } from '../../src/commons/config-schema.js';
import { composeFiles, composeSettings, renderComposeConfig } from '../../src/stack/compose-config.js';
import { composeFile, composeText, exampleEnvironment, mountsOf, root, secretOf } from './compose-file.js';

const env = exampleEnvironment();
const compose = composeFile();
const services = Object.entries(compose.services);
const service = (name: string) => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};

test('it is a compose file by the Compose Specification', () => {
  const { $schema: _, ...schema } = JSON.parse(readFileSync(join(import.meta.dirname, 'compose-spec.json'), 'utf8'));
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
  validate(compose);
  expect(validate.errors).toBeNull();
  validate({ services: { one: { imagee: 'x' } } });
  expect(validate.errors).not.toBeNull();
});

describe('what the issue names', () => {
  test('is there, in the versions it names', () => {
    const wanted: Record<string, string> = {
      kafka1: 'apache/kafka:3.8.0',
      kafka2: 'apache/kafka:3.8.0',
      'spark-master': 'elt-spark:3.5.3',
      'spark-worker': 'elt-spark:3.5.3',
      trino: 'trinodb/trino:443',
      metastore: 'elt-metastore:3.1.3',
      mariadb: 'mariadb:10.5.8',
    };
    for (const [name, image] of Object.entries(wanted)) expect([name, service(name).image]).toEqual([name, image]);
    expect(service('redis').image).toMatch(/^redis:7\./);
    for (const name of [
      's3',
      'worker',
      'dashboard',
      'statsd',
      'telegraf',
      'prometheus',
      'grafana',
      'kafka-ui',
      'alertmanager',
    ]) {
      expect(service(name).image).toBeDefined();
    }
    const dockerfile = readFileSync(join(root, 'infra/Dockerfile'), 'utf8');
    expect(dockerfile).toContain('FROM apache/spark:3.5.3-');
  });

  test('is published on the ports it names, on loopback only', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port] as const));
    for (const [name, port] of published)
      expect([name, port]).toEqual([name, expect.stringMatching(/^127\.0\.0\.1:\d+:\d+(\/udp)?$/)]);
    const onHost = published.map(([name, port]) => `${name} ${port.split(':')[1]}`);
    expect(onHost).toEqual(
      expect.arrayContaining([
        'kafka1 9093',
        'kafka2 9092',
        'trino 8090',
        'mariadb 3306',
        'grafana 3000',
        'kafka-ui 9000',
        'dashboard 3001',
      ]),
    );
    const ports = published.map(([, port]) => port.split(':')[1]);
    expect(new Set(ports).size).toBe(ports.length);
    for (const [name, one] of services)
      expect([name, 'network_mode' in one, 'privileged' in one]).toEqual([name, false, false]);
  });
});

test('images are pinned by tag; those of the project are targets of one Dockerfile', () => {
  const dockerfile = readFileSync(join(root, 'infra/Dockerfile'), 'utf8');
  const targets = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map((match) => match[1]);
  for (const [name, { image, build }] of services) {
    expect([name, image]).toEqual([name, expect.stringMatching(/^[a-z0-9/-]+:v?\d[\w.-]*$/)]);
    expect([name, image.startsWith('elt')]).toEqual([name, build !== undefined]);
    if (build !== undefined) expect(targets).toContain(build.target);
  }
  for (const [, base] of dockerfile.matchAll(/^FROM (\S+) AS/gm)) expect(base).toMatch(/:.*\d/);
  for (const [, source] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const path of (source as string).split(' '))
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
  }
});

describe('secrets', () => {
  const secrets = Object.keys(env).filter((name) => env[name] === secretOf(name));

  test('come from .env: the file itself holds none, and without them nothing starts', () => {
    expect(secrets.length).toBeGreaterThanOrEqual(5);
    expect(composeText()).not.toMatch(/PASSWORD: +["']?(?!\$\{)[\w-]+/);
    for (const name of secrets)
      expect(() => composeFile({ ...env, [name]: '' })).toThrow(`${name} has no value: see .env.example`);
    expect(readFileSync(join(root, '.gitignore'), 'utf8').split('\n')).toContain('.env');
    expect(readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')).toContain('.env');
  });

  test('are on no command line, in no health check and in no image', () => {
    for (const [name, { command = [], entrypoint = [], healthcheck, build }] of services) {
      const words = [...command, ...entrypoint, ...(healthcheck?.test ?? [])].join(' ');
      for (const secret of secrets) expect([name, words.includes(secretOf(secret))]).toEqual([name, false]);
      expect(Object.keys(build ?? {})).not.toContain('args');
    }
  });

  test('.env.example names every variable of the file, and no other', () => {
    const used = new Set([...composeText().matchAll(/\$\{([A-Z0-9_]+)/g)].map((match) => match[1]));
    expect([...used].filter((name) => !((name as string) in env))).toEqual([]);
    expect(Object.keys(env).filter((name) => !used.has(name) && name !== 'COMPOSE_PROFILES')).toEqual([]);
  });
});

describe('configuration', () => {
  test('everything that is mounted from the repository is there', () => {
    const mounted = services.flatMap(([, one]) => mountsOf(one).map(({ source }) => source));
    for (const path of mounted.filter((one) => one.startsWith('.'))) {
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    }
    const named = mounted.filter((one) => !one.startsWith('.'));
    expect(named.filter((one) => !(one in compose.volumes))).toEqual([]);
    expect(Object.keys(compose.volumes).filter((one) => !named.includes(one))).toEqual([]);
  });

  test('is rendered from the templates of the native stack, each engine into its own volume', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'elt-compose-'));
    try {
      const rendered = await renderComposeConfig(env, configSchema.parse({ pipelines: {} }).alerts, folder);
      for (const file of rendered) {
        const text = readFileSync(join(folder, file), 'utf8');
        expect([file, /\$\{[A-Z_]+\}/.test(text)]).toEqual([file, false]);
        expect(statSync(join(folder, file)).mode & 0o777).toBe(0o644);
      }
      const folders = readdirSync(folder).map((name) => `conf-${name}:/conf/${name}`);
      const volumes = mountsOf(service('config')).filter(({ isReadOnly }) => !isReadOnly);
      const written = volumes.map(({ source, target }) => `${source}:${target}`);
      expect(written.sort()).toEqual(folders.sort());
      for (const name of readdirSync(folder)) {
        const users = services.filter(([, one]) =>
          mountsOf(one).some(({ source, isReadOnly }) => source === `conf-${name}` && isReadOnly),
        );
        expect([name, users.length]).toEqual([name, name === 'spark' ? 2 : 1]);
      }
      const secrets = readdirSync(folder).filter((name) =>
        readdirSync(join(folder, name), { recursive: true, withFileTypes: true }).some(
          (file) => file.isFile() && readFileSync(join(file.parentPath, file.name), 'utf8').includes('secret-of-'),
        ),
      );
      expect(secrets.sort()).toEqual(['hive', 'mariadb', 'seaweedfs']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('every template of an engine is rendered, made for Grafana itself, or named here as native only', () => {
    const templates = readdirSync(join(root, 'infra'), { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && /\.(properties|conf|cnf|xml|config|yml|json)$/.test(file.name))
      .map((file) => join(file.parentPath, file.name).slice(join(root, 'infra/').length))
      .filter((path) => path !== 'manifest.json' && !path.startsWith('grafana/'));
    const used = new Set(composeFiles(composeSettings(env)).map(({ template }) => template));
    // The image brings its own logging for Kafka; rules are made anew, with the thresholds of the mounted elt.yaml.
    const others = ['kafka/log4j.properties', 'prometheus/rules.yml'];
    expect(templates.filter((path) => !used.has(path)).sort()).toEqual(others);
  });

  test('alerts have the thresholds and the webhook of the mounted elt.yaml; a webhook in .env goes before it', async () => {
    expect(mountsOf(service('config'))).toContainEqual(
      expect.objectContaining({ source: './elt.yaml', target: '/opt/elt/elt.yaml', isReadOnly: true }),
    );
    const folder = mkdtempSync(join(tmpdir(), 'elt-compose-'));
    const rendered = async (more: Record<string, string>) => {
      const program = join(root, 'dist/bin/compose.js');
      const options = { cwd: folder, env: { ...env, ...more, ELT_STACK_DIR: folder } };
      await execa(process.execPath, [program, 'render', folder], options);
      const text = (name: string) => readFileSync(join(folder, name), 'utf8');
      return { rules: text('prometheus/rules.yml'), receivers: text('alertmanager/alertmanager.yml') };
    };
    try {
      const alerts = { eventsPerMinute: { above: 4711 }, webhook: 'http://127.0.0.1:1/of-elt-yaml' };
      writeFileSync(join(folder, 'elt.yaml'), JSON.stringify({ pipelines: {}, alerts }));
      const { rules, receivers } = await rendered({});
      expect(rules).toMatch(/EltEventsAboveThreshold\n\s+expr: .* > 4711$/m);
      expect(receivers).toContain('"url":"http://127.0.0.1:1/of-elt-yaml"');
      const other = await rendered({ ALERT_WEBHOOK: 'http://127.0.0.1:1/of-env' });
      expect(other.receivers).toContain('"url":"http://127.0.0.1:1/of-env"');
      expect(other.receivers).not.toContain('of-elt-yaml');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('what .env lacks or has wrong is told by name', () => {
    expect(() => composeSettings({ ...env, S3_ENDPOINT: 'not a URL', S3_PATH_STYLE: 'yes' })).toThrow(
      /S3_ENDPOINT.*\n.*S3_PATH_STYLE/,
    );
  });

  test('the variables of elt are keys of its configuration, and mean the services of this file', () => {
    const { environment = {} } = service('dashboard');
    const config = loadConfig({ env: { ...environment, ELT_STACK_DIR: '/nonexistent' }, cwd: root });
    expect(config.warnings).toEqual([]);
    expect(config.kafka.bootstrapServers).toBe('kafka1:9093,kafka2:9092');
    expect(config.dashboard).toMatchObject({ host: '0.0.0.0', port: 3001 });
    expect(JSON.stringify(config.dashboard)).not.toContain('secret-of');
    const addresses = [
      ...config.spark.masters,
      ...config.spark.rest,
      ...config.spark.ui,
      config.catalog.metastore,
      config.trino.url,
      config.redis.url,
    ];
    for (const address of addresses)
      expect([address, new URL(address).hostname in compose.services]).toEqual([address, true]);
    expect(config.pipelines['numbers']?.extract?.topic).toBe('number_ingestion');
  });

  test('S3 of one’s own is a change of .env alone', async () => {
    const text = readFileSync(join(root, '.env.example'), 'utf8');
    const other = [...text.matchAll(/^# ([A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [name, value] as const);
    const aws = { ...env, ...Object.fromEntries(other) } as Record<string, string>;
    const changed = composeFile(aws);
    expect(changed.services['worker']?.environment?.['ELT_S3_ENDPOINT']).toBe('https://s3.eu-west-3.amazonaws.com');
    expect(changed.services['s3']?.profiles).toEqual(['seaweedfs']);
    for (const [name, { depends_on = {} }] of services) {
      if ('s3' in depends_on) expect([name, depends_on['s3']?.required]).toEqual([name, false]);
    }
    const files = composeFiles(composeSettings(aws));
    expect(files.length).toBe(composeFiles(composeSettings(env)).length);
  });

  test('who is waited for has a health check or ends; both brokers hold replicas', () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        if (condition === 'service_healthy')
          expect([name, other, service(other).healthcheck !== undefined]).toEqual([name, other, true]);
        if (condition === 'service_completed_successfully') expect(['config', 'prepare']).toContain(other);
      }
    }
    expect(service('prepare').depends_on).toMatchObject({
      kafka1: { condition: 'service_healthy' },
      kafka2: { condition: 'service_healthy' },
    });
    const brokers = composeFiles(composeSettings(env)).filter(({ template }) => template === 'kafka/server.properties');
    expect(brokers.map(({ values }) => values?.['KAFKA_REPLICAS'])).toEqual([2, 2]);
  });
});
