/** The part of the npm package `tftp` 0.1.2 that the tests use; it has no types of its own. */
declare module 'tftp' {
  interface Client {
    get(remote: string, local: string, done: (error?: Error | null) => void): void;
  }
  export function createClient(options: {
    readonly host: string;
    readonly port: number;
    readonly blockSize: number;
    readonly windowSize: number;
  }): Client;
}
