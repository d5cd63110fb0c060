#!/usr/bin/env node
/** `npx countersign …` in a checkout, under whatever Node the machine has. */
import process from 'node:process';

process.argv.splice(2, 0, 'src/cli/main.ts');
await import('./bootstrap.mjs');
