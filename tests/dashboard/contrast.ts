/// <reference lib="dom" />
import type { Page } from 'playwright-core';

/** Visible texts that contrast with what is behind them by less than `least` (WCAG 2 AA: 4.5), each with its ratio. */
export async function faintTexts(page: Page, least: number): Promise<string[]> {
  return await page.evaluate(`(${scan.toString()})(${least})`);
}

/** Runs in the browser, as it stands here: nothing outside of it is known there. */
function scan(least: number): string[] {
  type Colour = readonly [red: number, green: number, blue: number, alpha: number];

  const colourOf = (text: string): Colour => {
    const numbers = /^rgba?\(([^)]*)\)$/.exec(text)?.[1]?.split(',').map(Number);
    if (numbers === undefined) throw new Error(`a colour that is not understood: ${text}`);
    const [red = 0, green = 0, blue = 0, alpha = 1] = numbers;
    return [red, green, blue, alpha];
  };
  const over = ([red, green, blue, alpha]: Colour, below: Colour): Colour => {
    const mix = (top: number, bottom: number) => top * alpha + bottom * (1 - alpha);
    return [mix(red, below[0]), mix(green, below[1]), mix(blue, below[2]), 1];
  };
  const behind = (element: Element | null): Colour => {
    if (element === null) return [255, 255, 255, 1];
    const own = colourOf(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(element.parentElement));
  };
  // Relative luminance, by WCAG 2.
  const luminance = ([red, green, blue]: Colour): number => {
    const linear = (value: number) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };

  const found: string[] = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].filter((node): node is Text => node instanceof Text);
    const text = own.map(({ data }) => data.trim()).join('');
    if (text === '' || !element.checkVisibility()) continue;
    const back = behind(element);
    const [one, other] = [luminance(over(colourOf(getComputedStyle(element).color), back)), luminance(back)];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < least) found.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return found;
}
