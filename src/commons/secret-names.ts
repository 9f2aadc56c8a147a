const secretName =
  /webhook|pass(?:word|wd|phrase)|secret|credential|jaas|(?:access|private|api)[._-]?key|(?:^|[._-])token(?:$|[._-])/i;

/** Whether a property of this name usually holds a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** `redis://user:pass@host` → `redis://user:***@host`; other texts unchanged. */
export function maskUrl(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/@:]*):[^@/]*@/i, '$1:***@');
}
