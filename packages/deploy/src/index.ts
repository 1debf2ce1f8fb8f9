export { systemdUnits, SYSUSERS, type SystemdSite, type UnitFile } from './systemd.ts';
export { NOTICES, notifySocket, watchdogInterval, type Notice } from './notify.ts';
