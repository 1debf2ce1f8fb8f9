import { createHash } from 'node:crypto';
import type { OpenFile } from '@sower/files';
import type { Answer } from './answer.ts';
import type { Asked } from './asked.ts';
import { rangeHolds, weigh, type Validators } from './conditions.ts';
import type { Step } from './event.ts';
import { isFirmware, typeOf } from './mime.ts';
import { readRange } from './range.ts';
import type { BootService } from './service.ts';

/** `/artifacts/<path>`: one file, whole or one range of it (D-01 to D-08, D-10, D-21). */
export async function artifact(asked: Asked, service: BootService): Promise<Answer> {
  const path = asked.params.get('path') ?? '';
  const speaker = speakerOf(asked, service);
  const file = await service.files.open(path);
  if ('refused' in file) return { refused: 'no-such-artifact', detail: `${file.refused}: ${file.detail}` };
  const answer = answerWith(file, path, asked, speaker);
  if ('refused' in answer || answer.body === undefined) await file.close();
  return answer;
}

/** From here on nothing can throw, so the file is closed whatever the answer is. */
function answerWith(file: OpenFile, path: string, asked: Asked, speaker: Speaker): Answer {
  const now = validatorsOf(file);
  const verdict = weigh(asked.headers, now);
  if (verdict === 'failed') return { refused: 'condition-failed', headers: validating(now) };
  if (verdict === 'same' && !isFirmware(path)) {
    return {
      status: 304,
      headers: validating(now),
      body: undefined,
      step: { kind: 'artifact', path, ...speaker, status: 304 },
    };
  }
  // RFC 9110 section 14.2: a range is for GET alone.
  const wanted = asked.head || !rangeHolds(asked.headers, now) ? undefined : asked.headers.range;
  const span = readRange(wanted, file.size);
  if (span === 'outside') return { refused: 'range-outside', headers: { 'Content-Range': `bytes */${file.size}` } };
  const status = span === undefined ? 200 : 206;
  const { start, length } = span ?? { start: 0, length: file.size };
  return {
    status,
    headers: {
      'Content-Type': typeOf(path),
      ...validating(now),
      'Accept-Ranges': 'bytes',
      ...(span && { 'Content-Range': `bytes ${start}-${start + length - 1}/${file.size}` }),
    },
    body: { file, start, length },
    step: { kind: 'artifact', path, ...speaker, status },
  };
}

/** The version is hashed: a client has no business with inode numbers. */
function validatorsOf(file: OpenFile): Validators {
  const digest = createHash('sha256').update(file.version).digest('base64url').slice(0, 22);
  return { etag: `"${digest}"`, lastModified: new Date(file.modified).toUTCString() };
}

function validating(now: Validators): Readonly<Record<string, string>> {
  return { ETag: now.etag, 'Last-Modified': now.lastModified };
}

type Speaker = Pick<Extract<Step, { kind: 'artifact' }>, 'mac' | 'name'>;

function speakerOf({ ipv4 }: Asked, service: BootService): Speaker {
  const mac = ipv4 === undefined ? undefined : service.speakerAt(ipv4);
  return { mac, name: mac === undefined ? undefined : service.inventory().machineOf(mac)?.name };
}
