import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { StackContext } from '../../src/stack/service.js';
import { trino } from '../../src/stack/services/trino.js';

const conf = mkdtempSync(join(tmpdir(), 'elt-trino-'));
mkdirSync(join(conf, 'trino'));
writeFileSync(join(conf, 'trino/node.properties'), 'node.id=elt-1\n');
afterAll(() => rmSync(conf, { recursive: true, force: true }));

function argumentsOf(environment: Record<string, string>): readonly string[] {
  const context = {
    caller: { environment, cwd: conf },
    layout: { conf },
    homes: { trino: '/trino', 'java-trino': '/java' },
    secrets: { s3AccessKey: 'key', s3SecretKey: { reveal: () => 'secret' } },
  };
  return trino.command(context as unknown as StackContext).args;
}

test("the caller's options for Trino's JVM come after the ones of infra/trino/jvm.config, of which they take the place", () => {
  const plain = argumentsOf({});
  const more = argumentsOf({ ELT_STACK_TRINO_OPTIONS: ' -Xmx4G  -XX:TieredStopAtLevel=1 ' });
  const heaps = more.filter((option) => option.startsWith('-Xmx'));
  expect(heaps).toEqual([plain.find((option) => option.startsWith('-Xmx')), '-Xmx4G']);
  expect(more.filter((option) => !plain.includes(option))).toEqual(['-Xmx4G', '-XX:TieredStopAtLevel=1']);
  expect(more.indexOf('-XX:TieredStopAtLevel=1')).toBeLessThan(more.indexOf('io.trino.server.TrinoServer'));
});
