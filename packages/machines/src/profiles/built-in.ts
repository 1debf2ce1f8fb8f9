import type { Profile } from './profile.ts';

/** Profiles that need no entry in the data file; one of the same name there replaces them. Source: harvester.md section 6. */
export const BUILT_IN: readonly Profile[] = [
  {
    // Ubuntu's live server: casper fetches the ISO, cloud-init a directory of documents
    name: 'nocloud',
    files: new Map([
      ['kernel', 'ubuntu/{version}/vmlinuz'],
      ['initrd', 'ubuntu/{version}/initrd'],
      ['iso', 'ubuntu/{version}/live-server.iso'],
    ]),
    arguments: [
      'initrd={{ initrd }}',
      '{{ ip }}',
      'url={{ files.iso }}',
      'autoinstall',
      'ds=nocloud-net;s={{ documents }}',
    ],
    documents: [
      { name: 'user-data', format: 'yaml', header: '#cloud-config', otherwise: undefined },
      { name: 'meta-data', format: 'yaml', header: undefined, otherwise: 'instance-id: "{{ mac }}"' },
      { name: 'vendor-data', format: 'yaml', header: '#cloud-config', otherwise: '' },
      { name: 'network-config', format: 'yaml', header: undefined, otherwise: 'version: 2' },
    ],
  },
  {
    // Flatcar: everything is in the initrd, and runs from memory
    name: 'ignition',
    files: new Map([
      ['kernel', 'flatcar/{version}/flatcar_production_pxe.vmlinuz'],
      ['initrd', 'flatcar/{version}/flatcar_production_pxe_image.cpio.gz'],
    ]),
    arguments: ['initrd={{ initrd }}', 'flatcar.first_boot=1', 'ignition.config.url={{ documents.config.ign }}'],
    documents: [{ name: 'config.ign', format: 'json', header: undefined, otherwise: undefined }],
  },
];
