import { Transform } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';

/** Answers other than objects are lists and errors, of a thousand entries at most. */
const ANSWER_BYTES_MAX = 16 * 2 ** 20;

interface Answer {
  readonly response?: { body?: unknown; readonly statusCode?: number };
}

/** The client reads every answer whole, however large it is: this ends those that are too large. */
export function limitAnswers(client: S3Client, bytes_max = ANSWER_BYTES_MAX): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      const { response } = answer as Answer;
      // An object is written to a file as it comes.
      const isObject = context.commandName === 'GetObjectCommand' && response?.statusCode === 200;
      if (response && !isObject && isReadable(response.body)) {
        const source = response.body;
        const limited = limit(bytes_max);
        source.once('error', (cause) => limited.destroy(cause));
        limited.once('close', () => source.destroy());
        response.body = source.pipe(limited);
      }
      return answer;
    },
    { step: 'deserialize', priority: 'low', name: 'limitAnswers' },
  );
}

class AnswerTooLarge extends Error {
  readonly code = 'ANSWER_TOO_LARGE';
}

function limit(bytes_max: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > bytes_max) done(new AnswerTooLarge(`more than ${bytes_max} bytes`));
      else done(null, chunk);
    },
  });
}

function isReadable(body: unknown): body is import('node:stream').Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body;
}
