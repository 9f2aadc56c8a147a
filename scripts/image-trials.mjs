// What must start from the files of the images that image-by-hand.mjs made: each as its ENTRYPOINT and docker-compose.yml start it.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { root } from './setup.mjs';

const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
const limitMs = 60_000;

/** Starts everything in turn. @throws Error that says what did not start, with what it printed */
export async function tryImages({ elt, spark, metastore, statsd }, work) {
  const conf = join(work, 'conf');
  await tryElt(elt, conf);
  await tryStatsd(statsd, conf);
  await tryMetastore(metastore, conf);
  const jars = readdirSync(spark.folderOf('/opt/elt/jars'));
  for (const jar of ['iceberg-spark-runtime', 'iceberg-aws-bundle', 'kafka-clients', 'elt-spark-jobs'])
    expect(`spark has ${jar}`, jars.join('\n'), new RegExp(`^${jar}[\\w.-]*\\.jar$`, 'm'));
}

async function tryElt(image, conf) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const elt = async (...args) => await finish(image, [...image.entrypoint, ...args]);
  expect('elt --version', (await elt('--version')).text, new RegExp(`^${version.replaceAll('.', '\\.')}$`, 'm'));
  expect('elt --help', (await elt('--help')).text, /elt run <stage>/);
  expect('elt config check', (await elt('config', 'check')).text, /\S/);
  const generate = await finish(image, ['/bin/sh', '/opt/elt/generate_number.sh', '--help']);
  expect('generate_number.sh --help', generate.text, /COUNT/i);

  // As the service `config` does, with elt.yaml mounted and the lines of .env filled in.
  const { entrypoint, command, volumes } = compose.services.config;
  for (const [source, target] of volumes.map((one) => one.split(':')).filter(([one]) => one.startsWith('.')))
    cpSync(join(root, source), image.folderOf(target));
  mkdirSync(conf);
  const words = [...entrypoint, ...command].map((word) => (word === '/conf' ? conf : word));
  const { text } = await finish({ ...image, user: 'root' }, words, filledIn());
  const engines = readdirSync(conf).sort().join(' ');
  const mounted = volumes.flatMap((one) => /:\/conf\/(.*)$/.exec(one)?.[1] ?? []);
  expect('compose.js render', engines, new RegExp(`^${mounted.sort().join(' ')}$`));
  for (const file of text.trim().split('\n'))
    if (!existsSync(join(conf, file))) throw new Error(`no ${file} in ${conf}`);

  const child = start(image, [...image.entrypoint, 'dashboard', '--port', '0', '-o', 'json'], {
    ELT_LOG_LEVEL: 'error',
  });
  try {
    const url = await until('the dashboard', () => /"url": "([^"]+)\/"/.exec(child.said())?.[1], child);
    for (const path of ['/', '/assets/overview.js', '/assets/overview.css']) {
      const { status } = await fetch(`${url}${path}`);
      expect(`the dashboard's ${path}`, String(status), /^200$/);
    }
  } finally {
    await child.stop();
  }
}

/** It passes a datagram on, with the rendered file in which only addresses differ. */
async function tryStatsd(image, conf) {
  const telegraf = createSocket('udp4').bind(0, '127.0.0.1');
  await once(telegraf, 'listening');
  const [port, admin] = [await freePort(), await freePort()];
  const file = join(conf, 'statsd/config.json');
  const found = readFileSync(file, 'utf8').replaceAll('0.0.0.0', '127.0.0.1').replace('"telegraf"', '"127.0.0.1"');
  const ports = { 8125: port, 8126: admin, 8127: telegraf.address().port };
  writeFileSync(
    file,
    found.replaceAll(/\b812[567]\b/g, (one) => ports[one]),
  );
  let received = '';
  telegraf.on('message', (message) => (received += message));
  const child = start(
    image,
    image.entrypoint.map((word) => word.replace('/conf', dirname(file))),
  );
  try {
    const sendAndLook = () => {
      telegraf.send('elt:1|c', port, '127.0.0.1');
      return received;
    };
    await until('StatsD passes a datagram on', sendAndLook, child);
    expect('StatsD', received, /^elt:1\|c/);
  } finally {
    await child.stop();
    telegraf.close();
  }
}

/** Without a database its script says that nothing was changed: its classes, driver and files were found before that. */
async function tryMetastore(image, conf) {
  const site = join(conf, 'hive/metastore-site.xml');
  writeFileSync(site, readFileSync(site, 'utf8').replaceAll('mariadb:3306', `127.0.0.1:${await freePort()}`));
  const script = image.folderOf('/opt/metastore/start-metastore.sh');
  const text = readFileSync(script, 'utf8').replaceAll('/opt/metastore', image.folderOf('/opt/metastore'));
  writeFileSync(script, text.replaceAll('/conf', join(conf, 'hive')));
  const { text: said, code } = await finish(image, image.entrypoint, {}, 1);
  expect('the metastore', said, /Connection refused|Communications link failure/);
  expect('the metastore', `${said} ${code}`, /nothing was changed in it/);
}

function filledIn() {
  const lines = readFileSync(join(root, '.env.example'), 'utf8').matchAll(/^([A-Z0-9_]+)=(.*)$/gm);
  const entries = [...lines].map(([, name, value]) => [
    name,
    value === '' && name !== 'ALERT_WEBHOOK' ? 'by-hand' : value,
  ]);
  return Object.fromEntries(entries);
}

/** A program of an image, with nothing of this environment but PATH, as somebody without rights where the image says so. */
function start({ folderOf, workdir, user }, words, env = {}) {
  const [program, ...args] = words.map((word) => (word.startsWith('/opt/') ? folderOf(word) : word));
  const nobody = user !== 'root' && process.getuid() === 0 ? { uid: 1000, gid: 1000 } : {};
  const options = { cwd: folderOf(workdir), env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env }, ...nobody };
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { ended, stop, said: () => said, isOver: () => child.exitCode !== null };
}

async function finish(image, words, env = {}, expected = 0) {
  const child = start(image, words, env);
  const timer = setTimeout(child.stop, limitMs);
  const [code] = await child.ended;
  clearTimeout(timer);
  const text = child.said();
  if (code !== expected) throw new Error(`${words.join(' ')} ended with ${code}, expected ${expected}:\n${text}`);
  return { text, code };
}

async function until(what, find, child) {
  for (const deadline = Date.now() + limitMs; ; ) {
    const found = find();
    if (found) return found;
    if (child.isOver() || Date.now() > deadline) throw new Error(`${what}: it does not. It said:\n${child.said()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

function expect(what, text, pattern) {
  if (!pattern.test(text)) throw new Error(`${what}: expected ${pattern}, got:\n${text}`);
  console.log(`  ${what}: as expected`);
}
