/** The part of the npm package `tftp` 0.1.2 that is used here; it has no types of its own. */
declare module 'tftp' {
  export function createServer(options: {
    readonly host: string;
    readonly port: number;
    readonly root: string;
    readonly denyPUT: boolean;
  }): { listen(): void; on(event: 'error', heard: (error: Error) => void): void };
}
