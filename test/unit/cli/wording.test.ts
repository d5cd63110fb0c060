import { expect, test } from 'vitest';
import { generalWording } from '../../../src/cli/timeline/wording.ts';

test('nothing in a tool’s name, an argument’s name or its value acts on the terminal or hides in it', () => {
  const hostile = 'a\u001b[2J\u202eb\u200bc\r\nd';
  const { wanted } = generalWording(`mail.send_${hostile}`, { [hostile]: hostile, to: hostile });
  expect(wanted).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(wanted).toContain('⟦U+001B⟧');
  expect(wanted).toContain('⟦U+202E⟧');
});
