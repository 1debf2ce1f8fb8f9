/** The part of the npm package `dhcp` 0.2.20 that is used here; it has no types of its own. */
declare module 'dhcp' {
  export function createServer(options: {
    readonly range: readonly [string, string];
    readonly netmask: string;
    readonly router: readonly string[];
    readonly broadcast: string;
    readonly server: string;
    readonly leaseTime: number;
  }): { listen(port: number): void };
}
