export { createAdminApp } from './admin.ts';
export { createApp, type App } from './app.ts';
export type { RefusalCode } from './errors.ts';
export type { Delivery, HttpEvent, ScriptWhy, Step } from './event.ts';
export { isAmong } from './peer.ts';
export { LIMITS, openHttp, type HttpListener, type Limits, type ListenOptions } from './listen.ts';
export { missingArtifact } from './release.ts';
export type { BootService, Discovered } from './service.ts';
