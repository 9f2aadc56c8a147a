/** `"127.0.0.1:8125"` or `"[::1]:8125"`; undefined for anything else. */
export function parseStatsdAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  return match === null || port < 1 || port > 65_535 ? undefined : { host: (match[1] ?? match[2]) as string, port };
}
