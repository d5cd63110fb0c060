/** Names of what `latencies` measures, which the report compares. */
export const oneRoundTrip = 'one activity round trip';
export const verdictToEffect = 'verdict given → effect begun';
