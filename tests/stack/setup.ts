import { jest } from '@jest/globals';

// Real engines on two cores: a driver takes ten seconds to start.
jest.setTimeout(240_000);
