export { systemdUnits, SYSUSERS, type SystemdSite, type UnitFile } from './systemd.ts';
export { NOTICES, notifySocket, watchdogInterval, type Notice } from './notify.ts';
export { libvirtNetwork, virtInstall, type LibvirtDomain, type LibvirtNetwork, type VirtInstall } from './libvirt.ts';
