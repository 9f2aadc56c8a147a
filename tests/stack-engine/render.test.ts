// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of configuration files
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { renderFile, renderText } from '../../src/stack/render.js';

const folder = mkdtempSync(join(tmpdir(), 'elt-render-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('templates', () => {
  test('every ${NAME} is replaced, Trino’s ${ENV:NAME} stays', () => {
    const text = renderText('a=${PORT}\nb=${ENV:PORT}\nc=${PORT}${HOST}', { PORT: 1, HOST: 'h' }, '.properties');
    expect(text).toBe('a=1\nb=${ENV:PORT}\nc=1h');
  });

  test('a name without value is an error that names it', () => {
    expect(() => renderText('${MISSING}', {}, '.conf', 'x.conf')).toThrow('x.conf: no value for ${MISSING}');
  });

  test('values are escaped as the format wants', () => {
    expect(renderText('<v>${V}</v>', { V: 'a<b&c' }, '.xml')).toBe('<v>a&lt;b&amp;c</v>');
    expect(renderText('{"v":"${V}"}', { V: 'a"b\\c' }, '.json')).toBe('{"v":"a\\"b\\\\c"}');
  });

  test('a value cannot add a line', () => {
    expect(() => renderText('a=${V}', { V: 'x\nb=1' }, '.properties')).toThrow('line break');
  });

  test('a replaced value is not searched again', () => {
    expect(renderText('${A}', { A: '${B}', B: 'no' }, '.conf')).toBe('${B}');
    expect(renderText('${A}', { A: '$&' }, '.conf')).toBe('$&');
  });

  test('the file is readable by its owner only, and no temporary file is left', async () => {
    const template = join(folder, 'template.conf');
    writeFileSync(template, 'port ${PORT}\n');
    await renderFile(template, join(folder, 'out', 'x.conf'), { PORT: 7 });
    expect(readFileSync(join(folder, 'out', 'x.conf'), 'utf8')).toBe('port 7\n');
    expect(statSync(join(folder, 'out', 'x.conf')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'out'))).toEqual(['x.conf']);
  });
});
