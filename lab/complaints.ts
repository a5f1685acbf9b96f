/** What the logs of a system complain about: a suite that failed says little of the server's side. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const TAIL_BYTES = 512 * 1024;
const LINES_A_LOG_MAX = 3;
const LINES_MAX = 30;
const LINE_CHARS_MAX = 400;

/** An error in the manner of Python and Java, of libvirt, of Kubernetes, and of Ceph. */
const COMPLAINTS: readonly RegExp[] = [
  /\b(ERROR|CRITICAL|FATAL|panic|\w+Exception)\b/,
  /: \d+: error : /, // TIME: THREAD: error : FUNCTION:LINE : TEXT
  /^E\d{4} /, // E for error, month and day
  /^\S+ [0-9a-f]+ -1 /, // TIME THREAD PRIORITY TEXT
];
/** Lines of a backtrace, and the code that they quote, are indented. What was raised is not. */
const BACKTRACE = /^(\s|Traceback\b|$)/;

/**
 * The last complaints in every `*.log` below a folder that was written since `since_ms` (of the clock),
 * each told once: `NAME: LINE`. Those of the log that was written last come last.
 */
export function complaintsIn(folder: string, since_ms: number): readonly string[] {
  return logsBelow(folder)
    .filter(({ written_ms }) => written_ms >= since_ms)
    .sort((a, b) => a.written_ms - b.written_ms)
    .flatMap(({ path }) => {
      const name = relative(folder, path);
      const text = unlessGone(() => tail(path)) ?? '';
      return lastComplaints(text).map((line) => `${name}: ${line}`);
    })
    .slice(-LINES_MAX);
}

interface Log {
  readonly path: string;
  readonly written_ms: number;
}

/** Never follows a link: what a system mounts below its folder is not its log. */
function logsBelow(folder: string): readonly Log[] {
  const entries = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return logsBelow(path);
    if (!entry.isFile() || !entry.name.endsWith('.log')) return [];
    return unlessGone(() => ({ path, written_ms: statSync(path).mtimeMs })) ?? [];
  });
}

/** What is read, or nothing where it is gone by now: servers rotate and remove their logs. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The last of those that differ in more than times, numbers and identifiers. */
function lastComplaints(text: string): readonly string[] {
  const last = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (!COMPLAINTS.some((form) => form.test(line)) || BACKTRACE.test(message(line))) continue;
    const gist = line.replace(/[0-9a-f-]{4,}|\d+/gi, '#');
    last.delete(gist); // so that it moves to the end
    last.set(gist, line.trim().slice(0, LINE_CHARS_MAX));
  }
  return [...last.values()].slice(-LINES_A_LOG_MAX);
}

/** Without what oslo.log puts before each line of a backtrace: `[instance: UUID]` is nova's. */
function message(line: string): string {
  return stripVTControlCharacters(line).replace(/^.*? (ERROR|CRITICAL) [\w.]+ (\[[^\]]*\] )*/, '');
}

function tail(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8', 0, read);
  } finally {
    closeSync(file);
  }
}
