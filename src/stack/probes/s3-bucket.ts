import { createHash, createHmac } from 'node:crypto';
import fetch from 'node-fetch';

export interface S3Access {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Makes a bucket if it is not there: shows that the server answers, takes our keys and can write. */
export async function ensureBucket(access: S3Access, bucket: string, signal: AbortSignal): Promise<void> {
  const url = new URL(`${access.endpoint}/${bucket}`);
  const head = await fetch(url, { method: 'HEAD', headers: signedHeaders('HEAD', url, access, new Date()), signal });
  if (head.ok) return;
  const put = await fetch(url, { method: 'PUT', headers: signedHeaders('PUT', url, access, new Date()), signal });
  const answer = await put.text();
  if (!put.ok && put.status !== 409)
    throw new Error(`S3 answered ${put.status} to PUT /${bucket}: ${answer.slice(0, 300)}`);
}

/** Headers of an AWS Signature Version 4 for a request without body and query. */
export function signedHeaders(method: string, url: URL, access: S3Access, now: Date): Record<string, string> {
  const time = now.toISOString().replace(/[:-]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${access.region}/s3/aws4_request`;
  const bodyHash = sha256('');
  const headers = { host: url.host, 'x-amz-content-sha256': bodyHash, 'x-amz-date': time };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = [method, url.pathname, '', lines.join(''), names, bodyHash].join('\n');
  const key = scope
    .split('/')
    .reduce<Buffer>((secret, part) => hmac(secret, part), Buffer.from(`AWS4${access.secretKey}`));
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')).toString('hex');
  const credential = `Credential=${access.accessKey}/${scope}`;
  return {
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
