import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Recorder } from '../../engine/recording/recorder.ts';
import { MemorySink } from '../../engine/recording/sink.ts';
import { HEAD, Scribe } from './build.ts';

/** STRATA_PYTHON may name an interpreter of a virtual environment that has the packages. */
const PYTHON = process.env.STRATA_PYTHON ?? 'python3';

const has = (packages: string): boolean =>
  spawnSync(PYTHON, ['-c', `import ${packages}`], { stdio: 'ignore' }).status === 0;

function tryPackages(packages: string): boolean {
  const there = has(packages);
  if (!there) console.log(`skipped: ${PYTHON} cannot import ${packages}`);
  return there;
}

let folder: string;
let whole: string;
let unfinished: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strata-recording-'));
  whole = join(folder, 'whole.arrow');
  unfinished = join(folder, 'unfinished.arrow');
  const sink = new MemorySink();
  const recorder = new Recorder(HEAD, sink);
  const s = new Scribe(recorder);
  const disk = s.create(0, 'sdb-ö', 'disk/ok');
  const osd = s.create(0.5, 'osd.3', 'osd/up.in');
  s.note(0.5, osd, 'linked', disk);
  recorder.keyframe(1, (add) => add(disk, 0, 0));
  s.move(2, disk, 'fail', 'disk/failed');
  recorder.flush();
  writeFileSync(unfinished, sink.bytes());
  recorder.close();
  writeFileSync(whole, sink.bytes());
});

afterAll(() => rmSync(folder, { recursive: true }));

function python(program: string, file: string): unknown {
  const result = spawnSync(PYTHON, ['-c', program, file], { encoding: 'utf8' });
  expect(result.stderr).toBe('');
  return JSON.parse(result.stdout);
}

const ROWS = [
  [0, 0, 'disk/ok', 'created', 'disk/ok', -1, null, 'sdb-ö'],
  [0.5, 1, 'osd/up.in', 'created', 'osd/up.in', -1, null, 'osd.3'],
  [0.5, 1, 'osd/up.in', 'linked', 'osd/up.in', -1, 0, ''],
  [1, 0, 'disk/ok', 'keyframe', 'disk/ok', 0, null, ''],
  [2, 0, 'disk/ok', 'fail', 'disk/failed', -1, null, ''],
];

describe('other programs read the same rows', () => {
  it.skipIf(!tryPackages('pyarrow'))('pyarrow, with and without a footer', () => {
    const rows = `
import sys, json, math, pyarrow, pyarrow.ipc
rows = lambda t: [[None if isinstance(x, float) and math.isnan(x) else x for x in r.values()] for r in t.to_pylist()]
`;
    const table = `t = pyarrow.ipc.open_file(sys.argv[1]).read_all(); t.validate(full=True)\n`;
    expect(python(`${rows}${table}print(json.dumps(rows(t)))`, whole)).toEqual(ROWS);
    const stream = `b = pyarrow.py_buffer(open(sys.argv[1], 'rb').read()[8:])\n`;
    const read = `print(json.dumps(rows(pyarrow.Table.from_batches(pyarrow.ipc.open_stream(b)))))`;
    expect(python(`${rows}${stream}${read}`, unfinished)).toEqual(ROWS);
    const seed = `${table}print(json.dumps(t.schema.metadata[b'strata.seed'].decode()))`;
    expect(python(`${rows}${seed}`, whole)).toBe('7');
  });

  it.skipIf(!tryPackages('pyarrow, pandas'))('pandas', () => {
    const program = `
import sys, json, pandas
t = pandas.read_feather(sys.argv[1])
print(json.dumps([len(t), list(t['to']), list(t['detail'])]))`;
    expect(python(program, whole)).toEqual([5, ROWS.map((r) => r[4]), ROWS.map((r) => r[7])]);
  });

  it.skipIf(!tryPackages('polars'))('polars', () => {
    const program = `
import sys, json, polars
t = polars.read_ipc(sys.argv[1])
print(json.dumps([[None if x != x else x for x in r] for r in t.rows()]))`;
    expect(python(program, whole)).toEqual(ROWS);
  });

  it.skipIf(!tryPackages('pyarrow, duckdb'))('DuckDB', () => {
    const program = `
import sys, json, duckdb, pyarrow.ipc
t = pyarrow.ipc.open_file(sys.argv[1]).read_all()
print(json.dumps(duckdb.sql('select event, count(*) from t group by 1 order by 1').fetchall()))`;
    const counts = [
      ['created', 2],
      ['fail', 1],
      ['keyframe', 1],
      ['linked', 1],
    ];
    expect(python(program, whole)).toEqual(counts);
  });
});
