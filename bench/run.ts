/**
 * The benchmarks: each prints what it measured and its ratio to a stated limit or to a peer measured
 * in the same run. `npm run bench [NAME...]` runs all of them or those named.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel } from '../cli/model.ts';
import { simulate } from '../cli/simulate.ts';
import type { Scenario } from '../model/scenario.ts';
import { loadScenario } from '../scenarios/index.ts';
import { loop } from './loop.ts';
import { mm1 } from './mm1.ts';
import { runStrata } from './process.ts';
import { hasSimpy, simpyMm1 } from './simpy.ts';
import { type Phase, sum } from './steady.ts';
import { HUGE_PAGES, runSteady } from './steady-process.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const REPEATS = 5;

/** Printed as `NAME: VALUE UNIT (RATIO x the limit of LIMIT)`. */
function report(
  name: string,
  value: number,
  unit: string,
  limit: number,
  better: 'more' | 'less',
): void {
  const ratio = better === 'more' ? value / limit : limit / value;
  const verdict = ratio >= 1 ? 'within' : 'MISSED';
  console.log(
    `${name}: ${format(value)} ${unit}; ${ratio.toFixed(2)} x the limit of ${format(limit)} (${verdict})`,
  );
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

async function scenario(file: string, set: Record<string, string> = {}): Promise<Scenario> {
  const result = await loadScenario(join(ROOT, 'scenarios', file), { set });
  if ('problems' in result) throw new Error(result.problems.map((p) => p.message).join('\n'));
  return result.scenario;
}

function queue(): void {
  const runs = Array.from({ length: REPEATS }, (_, i) => mm1(1_000_000, i + 1));
  const rate = median(runs.map((r) => r.objectsPerSecond));
  const mean = median(runs.map((r) => r.meanTimeInSystem));
  console.log(`mm1: mean time in system ${mean.toFixed(3)} (theory 10)`);
  report('mm1', rate, 'objects/s', 5_000_000, 'more');
  if (!hasSimpy()) {
    console.log('mm1 against SimPy: skipped, python3 with simpy is not installed');
    return;
  }
  const peer = simpyMm1(ROOT, 200_000);
  console.log(`SimPy: ${format(peer.objectsPerSecond)} objects/s`);
  report('mm1 against SimPy', rate / peer.objectsPerSecond, 'times', 30, 'more');
}

/** The engine without the layers: what the same machine lets `large` reach at most. */
async function engineAlone(): Promise<void> {
  const model = await loadModel();
  for (const entities of [1_000, 100_000]) {
    console.log(
      `loop: ${format(entities)} entities ${format(loop(model, entities))} transitions/s`,
    );
  }
}

/**
 * The rate of the steady state is asked for: the day in which everything comes up is told apart. The
 * time is that of the processor, not of the wall, so that other programs matter less. Once as it is,
 * and once with the memory in huge pages, where the C library can do that.
 */
function fullStack(): void {
  const { bringUp, days, alive, bytesPerEntity } = runSteady(ROOT);
  console.log(`large: ${format(alive)} live entities, ${format(bytesPerEntity)} bytes each`);
  console.log(`large: bring-up and first day ${phase(bringUp)}`);
  for (const [i, day] of days.entries()) console.log(`large: day ${i + 2} ${phase(day)}`);
  const all = sum(days);
  console.log(`large: whole run ${phase(sum([bringUp, ...days]))}`);
  console.log(`large: sustained ${phase(all)}`);
  report('large', all.transitions / all.cpu_s, 'transitions/s', 3_000_000, 'more');
  const huge = sum(runSteady(ROOT, HUGE_PAGES).days);
  const rate = huge.transitions / huge.cpu_s;
  report('large, in huge pages', rate, 'transitions/s', 3_000_000, 'more');
}

function phase({ transitions, rows, cpu_s }: Phase): string {
  const rate = format(transitions / cpu_s);
  return `${format(transitions)} transitions (${format(rows)} rows) in ${format(cpu_s)} s of CPU: ${rate}/s`;
}

/** Once as it is, and once with the memory in huge pages, as `fullStack`. */
function hosts(): void {
  const ways = { 'hosts-50k': {}, 'hosts-50k, in huge pages': HUGE_PAGES };
  for (const [name, env] of Object.entries(ways)) {
    const run = runStrata(ROOT, ['run', 'scenarios/hosts-50k.yaml'], env);
    console.log(`${name}: ${format(Number(run.json.transitions))} transitions`);
    report(name, run.wall_s, 's', 10, 'less');
    if (Number.isNaN(run.peak_bytes)) console.log(`${name} memory: skipped, no GNU time`);
    else report(`${name} memory`, run.peak_bytes / 2 ** 30, 'GiB', 2, 'less');
  }
}

function surf(): void {
  const trace = process.env.STRATA_TRACES ?? join(ROOT, '..', 'shared', 'traces');
  const folder = join(trace, 'surf-week');
  if (!existsSync(folder)) {
    console.log(`surf-week: skipped, no trace at ${folder} (STRATA_TRACES names another folder)`);
    return;
  }
  const out = join(ROOT, 'out', 'bench-surf.arrow');
  const args = ['run', 'scenarios/surf-week.yaml', '--set', `trace=${folder}`, '--out', out];
  const runs = Array.from({ length: REPEATS }, () => runStrata(ROOT, args).wall_s);
  report('surf-week', median(runs), 's', 2, 'less');
}

async function year(): Promise<void> {
  const cloud = await scenario('reference-cloud.yaml');
  const until_s = 365 * 86_400;
  const model = await loadModel();
  const run = (record: boolean) =>
    simulate({
      model,
      scenario: cloud,
      seed: cloud.seed,
      until_s,
      record,
      invariantMode: 'off',
    });
  run(false);
  const runs = Array.from({ length: 3 }, () => run(false));
  const { transitions } = runs[0].simulation.engine;
  const wall_s = median(runs.map((r) => r.wallSeconds));
  console.log(`reference year: ${format(transitions)} transitions in ${wall_s.toFixed(2)} s`);
  report('reference year', 3600 / wall_s, 'stack-years/h', 5000, 'more');
}

const BENCHMARKS: Readonly<Record<string, () => void | Promise<void>>> = {
  mm1: queue,
  loop: engineAlone,
  large: fullStack,
  hosts,
  surf,
  year,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  console.error(
    `no benchmark '${unknown.join("', '")}'; there are: ${Object.keys(BENCHMARKS).join(', ')}`,
  );
  process.exit(2);
}
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (wanted.length === 0 || wanted.includes(name)) await run();
}
