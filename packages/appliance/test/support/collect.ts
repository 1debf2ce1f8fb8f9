import { Writable } from 'node:stream';

/** A stream that puts what is written into a list, piece by piece. */
export function collect(lines: string[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
}
