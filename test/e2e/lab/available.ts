import { fileURLToPath } from 'node:url';
import { whyNoLab } from './requirements.ts';

/** The repository's top folder. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

const known = process.env['SOWER_E2E_UNAVAILABLE'] ?? '';
const reason = known === '' ? await whyNoLab(REPOSITORY) : known;

/** Whether the tests that need a lab are to be skipped. Never in CI: there they run, and fail where they cannot. */
export const SKIP = reason !== undefined && process.env['CI'] !== 'true';

/** What a skipped suite says in its title. */
export const NOTE = SKIP ? ` (skipped: ${reason})` : '';
