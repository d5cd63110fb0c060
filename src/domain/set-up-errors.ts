import { type ErrorRow, row } from './error-row.ts';

/** What may be wrong with storage, and with the machine. */
export const setUpErrors = {
  'undecodable': row(422, 'A payload could not be decrypted or is not ours.', 'It was recorded and ignored.'),
  'blob-missing': row(500, 'Stored content is missing or was changed.', 'Restore the data folder from a backup.'),
  'data-folder-in-use': row(
    409,
    'Another process owns this data folder.',
    'Use the address it serves, or choose another `--data`.',
  ),
  'key-file-unsafe': row(500, 'A key file can be read by others.', 'chmod 600 the file that is named.'),
  'temporal-not-found': row(
    503,
    'No Temporal server could be found or installed.',
    'Set TEMPORAL_ADDRESS, or put `temporal` on the PATH.',
  ),
} as const satisfies Record<string, ErrorRow>;
