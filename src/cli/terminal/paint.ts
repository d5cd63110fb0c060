/** Colours by what they mean. Without colours every function returns its text. */
export interface Paint {
  strong(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  wait(text: string): string;
  accent(text: string): string;
}

const plain: Paint = {
  strong: (text) => text,
  faint: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  wait: (text) => text,
  accent: (text) => text,
};

/** SGR parameters of ECMA-48: the 16 colours that every terminal’s own theme defines, so they are legible on light and dark. */
const between = (on: number, off: number) => (text: string) =>
  text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;

const coloured: Paint = {
  strong: between(1, 22),
  faint: between(2, 22),
  good: between(32, 39),
  bad: between(31, 39),
  wait: between(33, 39),
  accent: between(36, 39),
};

export function createPaint(mode: 'colour' | 'plain'): Paint {
  return mode === 'colour' ? coloured : plain;
}
