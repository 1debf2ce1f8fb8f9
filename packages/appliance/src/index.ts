export { createLog, type LogOptions, type Logger } from './log.ts';
export { linkBase } from './base-url.ts';
export { exportLeases, importLeases, leaseRows, type LeaseRow } from './lease-access.ts';
export { inheritedSockets } from './inherited.ts';
export { checkOnline, type Online } from './online.ts';
export { start, type Appliance, type StartOptions } from './start.ts';
export { DataError, StartError } from './start-error.ts';
export { artifactFindings } from './survey.ts';
