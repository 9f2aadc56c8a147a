// Reads one integer a line on stdin and writes its French words by n2words a line on stdout.
// Usage: node n2words-oracle.mjs fr-FR|fr-BE [hyphens]
import { once } from 'node:events';

const [locale, hyphens] = process.argv.slice(2);
const { toCardinal } = await import(`n2words/${locale}`);
const options = { withHyphenSeparator: hyphens === 'hyphens' };

let cut = '';
process.stdin.setEncoding('utf8');
for await (const chunk of process.stdin) {
  const lines = (cut + chunk).split('\n');
  cut = lines.pop();
  const words = lines.map((line) => `${toCardinal(BigInt(line), options)}\n`).join('');
  if (!process.stdout.write(words)) {
    await once(process.stdout, 'drain');
  }
}
