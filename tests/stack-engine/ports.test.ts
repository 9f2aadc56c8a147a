import { describe, expect, test } from '@jest/globals';
import { maxPortOffset, portsAt } from '../../src/stack/ports.js';

describe('ports', () => {
  test('are the well-known ones without an offset', () => {
    expect(portsAt(0)).toMatchObject({
      kafka: 9092,
      s3: 8333,
      mariadb: 3306,
      metastore: 9083,
      trino: 8090,
      redis: 6379,
    });
    expect(portsAt(0)).toMatchObject({ sparkMaster: 7077, sparkMasterUi: 8080, sparkWorkerUi: 8081, sparkRest: 6066 });
  });

  test('are all moved by the offset, internal ones too', () => {
    const base = portsAt(0);
    const moved = portsAt(1000);
    for (const [name, port] of Object.entries(base)) expect(moved[name as keyof typeof moved]).toBe(port + 1000);
  });

  test('never meet those of a stack that is hundreds away', () => {
    const base = new Set(Object.values(portsAt(0)));
    for (let offset = 100; offset <= 20_000; offset += 100) {
      const shared = Object.values(portsAt(offset)).filter((port) => base.has(port));
      expect({ offset, shared }).toEqual({ offset, shared: [] });
    }
  });

  test('are all different and stay below 65536', () => {
    const highest = Object.values(portsAt(maxPortOffset));
    expect(new Set(highest).size).toBe(highest.length);
    expect(Math.max(...highest)).toBe(65_535);
    expect(() => portsAt(maxPortOffset + 1)).toThrow(RangeError);
    expect(() => portsAt(-1)).toThrow(RangeError);
    expect(() => portsAt(0.5)).toThrow(RangeError);
  });
});
