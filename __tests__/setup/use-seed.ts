import fc from 'fast-check';
import { inject } from 'vitest';

// a red test of a pull request is a fault of that pull request: other inputs than yesterday's are for the night
fc.configureGlobal({ seed: inject('propertySeed') });
