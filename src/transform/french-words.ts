/** A second opinion on `number_to_french`, by n2words instead of our Java. */
import { toCardinal as belgian } from 'n2words/fr-BE';
import { toCardinal as french } from 'n2words/fr-FR';

export type Spelling = 'traditional' | 'reform-1990';
export type Region = 'FR' | 'BE' | 'CH';

/** The words of a 64-bit integer. n2words knows France and Belgium in traditional spelling; the rest follows from them by rule. */
export function frenchWords(number: bigint, spelling: Spelling = 'traditional', region: Region = 'FR'): string {
  const words = inRegion(number, region);
  return spelling === 'traditional' ? words : reformed(words);
}

function inRegion(number: bigint, region: Region): string {
  if (region === 'FR') return french(number);
  return region === 'BE' ? belgian(number) : swiss(belgian(number));
}

function swiss(words: string): string {
  return words.replaceAll(/quatre-vingt-un\b/g, 'huitante et un').replaceAll(/quatre-vingts?/g, 'huitante');
}

const noun = /^(m|b|tr)illi(on|ard)s?$/;

/** The spelling of 1990: hyphens between all numerals; `moins` and nouns such as `million` keep their spaces. */
function reformed(words: string): string {
  const isLoose = (word: string | undefined) => word === undefined || word === 'moins' || noun.test(word);
  const all = words.split(' ');
  return all.reduce((text, word, index) => {
    if (index === 0) return word;
    return `${text}${isLoose(word) || isLoose(all[index - 1]) ? ' ' : '-'}${word}`;
  }, '');
}
