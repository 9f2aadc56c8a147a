/** One column: its heading and where it is aligned. Numbers read best on the right. */
export interface Column {
  readonly heading: string;
  readonly align?: 'left' | 'right';
}

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** Lines of a plain table: two spaces between columns, no frame, so that it can be cut and pasted. Cells may be coloured. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const cells = [columns.map((column) => column.heading), ...rows];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => visibleLength(row[index] ?? ''))));
  return cells.map((row) =>
    columns
      .map((column, index) => {
        const cell = row[index] ?? '';
        const padding = ' '.repeat((widths[index] as number) - visibleLength(cell));
        return column.align === 'right' ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}

function visibleLength(text: string): number {
  return text.replace(escapes, '').length;
}
