/** The program as a user meets it: arguments, messages, exit codes. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { type RedisServer, startRedis } from '../redis-server.js';
import { Installation, program, requireBuild, until } from './program.js';

let server: RedisServer;
let line: Installation;
let count = 0;

beforeAll(async () => {
  requireBuild();
  server = await startRedis();
});

afterAll(async () => await server.close());

beforeEach(async () => {
  line = await Installation.open(server.url, `arguments${count++}`);
});

afterEach(async () => await line.close());

test('the program can be started as a command, as npx does', async () => {
  expect((await execa(program, ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+$/);
});

describe('arguments', () => {
  test('help lists the commands with their examples; every command has its own help', async () => {
    const { stdout, exitCode } = await line.elt(['--help']);
    expect(exitCode).toBe(0);
    const names = [...stdout.matchAll(/^ {2}elt (\w+)/gm)].map((match) => match[1] as string);
    expect(names).toEqual(
      expect.arrayContaining(['run', 'status', 'logs', 'stop', 'kill', 'worker', 'config', 'stack']),
    );
    for (const name of names) {
      const help = await line.elt([name, '--help']);
      expect([name, help.exitCode]).toEqual([name, 0]);
      if (name !== 'completion') expect([name, help.stdout]).toEqual([name, expect.stringContaining('Examples:')]);
    }
  }, 60_000);

  test.each([
    [['rnu'], /Unknown command "rnu", did you mean "run"\?/],
    [['run'], /stage/],
    [['run', 'load'], /Invalid values|extract/],
    [['run', 'extract', '--drian'], /drian/],
    [['run', 'extract', '--drain', '--follow'], /drain.*follow|follow.*drain/],
    [['run', 'extract', '--drain=maybe'], /--drain is "maybe": expected true or false/],
    [['run', 'extract', '--full-refresh'], /belongs to transform/],
    [['run', 'transform', '--accept-loss'], /belong to extract/],
    [['run', 'transform', '--full-refresh'], /not confirmed/],
    [['run', 'extract', 'nonsense'], /Unknown pipeline "nonsense".*declared: numbers/],
    [['status', '--limit', 'many'], /expected a number.*"many"/],
    [['dashboard', '--port', '99999'], /dashboard\.port: expected at most 65535, got 99999/],
    [['worker', 'load'], /Unknown stage "load"/],
    [['status', '20261122t163000-aaaaaa'], /Unknown run/],
    [['--config', 'missing.yaml', 'config', 'check'], /missing\.yaml does not exist/],
    [[], /command/],
  ])('%p is refused with exit code 2 and a message that says why', async (args, message) => {
    const { exitCode, stderr, stdout } = await line.elt(args);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(line.master.bodies).toHaveLength(0);
  });

  test('with -o json an error is one document too', async () => {
    const { exitCode, stdout } = await line.elt(['run', 'extract', 'nonsense', '-o', 'json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'unknown-pipeline', message: expect.any(String) } });
  });

  test('a missing SQL file is said before anything is started', async () => {
    line.declare({ numbers: { transform: { from: 'raw.x', table: 'silver.x', sql: 'nowhere.sql' } } });
    const { exitCode, stderr } = await line.elt(['run', 'transform']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/SQL file of pipeline "numbers" cannot be read: .*nowhere\.sql \(elt\.yaml:6\)/);
  });

  test('all problems of elt.yaml at once', async () => {
    line.declare({ numbers: { extract: { topik: 't', table: 'Raw' } } });
    const { exitCode, stderr } = await line.elt(['config', 'check']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/3 problems/);
    expect(stderr).toMatch(/elt\.yaml:4 .*topik: unknown key, did you mean "topic"/);
  });

  test('two pipelines in one table are refused', async () => {
    const extract = { topic: 't', table: 'raw.t' };
    line.declare({ a: { extract }, b: { extract } });
    expect((await line.elt(['run', 'extract', 'a'])).stderr).toMatch(
      /raw\.t is written by pipelines\.a\.extract\.table too/,
    );
  });

  test('which pipeline, when several are declared', async () => {
    line.declare({ a: { extract: { topic: 't', table: 'raw.t' } }, b: { extract: { topic: 'u', table: 'raw.u' } } });
    expect((await line.elt(['run', 'extract'])).stderr).toMatch(/Which pipeline\? Declared with extract: a, b/);
  });

  test('a reader that goes away is no error', async () => {
    const child = line.start(['config', 'show']);
    child.stdout?.destroy();
    const { exitCode, stderr } = await child;
    expect([exitCode, String(stderr)]).toEqual([0, '']);
  });

  test('completion knows commands and stages', async () => {
    expect((await line.elt(['completion'])).stdout).toContain('elt');
    const commands = await line.elt(['--get-yargs-completions', 'elt', 'st']);
    expect(commands.stdout).toContain('status');
    const stages = await line.elt(['--get-yargs-completions', 'elt', 'run', '']);
    expect(stages.stdout).toContain('transform');
  });
});

describe('outages', () => {
  test('Redis down: exit code 5 and two lines, quickly', async () => {
    const startedAt = Date.now();
    const { exitCode, stderr } = await line.elt(['run', 'extract'], {
      ELT_REDIS_URL: 'redis://elt:hunter2@127.0.0.1:1',
    });
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(
      /^error: Redis at redis:\/\/elt:\*\*\*@127\.0\.0\.1:1 cannot be reached: connection refused\n/,
    );
    expect(stderr.trim().split('\n')).toHaveLength(2);
    expect(stderr).not.toContain('hunter2');
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  test('no Spark master: said while the run waits; a stop ends it', async () => {
    line.master.status = 'STANDBY';
    const run = line.start(['run', 'extract']);
    let said = '';
    run.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    await until('the run says that there is no master', () => /Spark master/.test(said));
    expect((await line.elt(['stop', 'extract'])).exitCode).toBe(0);
    expect((await run).exitCode).toBe(6);
    expect(line.master.bodies).toHaveLength(0);
  }, 60_000);

  test('no cores: WAITING is said while the run waits', async () => {
    line.master.hasCores = false;
    const run = line.start(['run', 'extract']);
    let said = '';
    run.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    await until('the run says what it waits for', () => /WAITING.*cores/.test(said));
    expect((await line.elt(['stop', 'extract'])).exitCode).toBe(0);
    expect((await run).exitCode).toBe(6);
  }, 60_000);
});
