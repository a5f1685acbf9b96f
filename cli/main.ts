/** The command line. Each command lives in commands/ and is loaded when it is called. */
import { Command, CommanderError, Option } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { explain } from './explain.ts';
import { note } from './terminal.ts';

type Loader = () => Promise<{ readonly command: (...args: never[]) => Promise<ExitCode> }>;

/** Runs the command line given as `process.argv` and returns the exit code; never throws. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = build((load) => async (...args: unknown[]) => {
    const { command } = await load();
    // Commander passes the arguments, the options and itself; a command takes the first two.
    code = await command(...(args.slice(0, -1) as never[]));
  });
  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
    const explained = explain(error);
    note(explained.text);
    return explained.code;
  }
}

type Bind = (load: Loader) => (...args: unknown[]) => Promise<void>;

function build(bind: Bind): Command {
  const program = new Command('strata')
    .description('Rehearse your cloud before you build it, and run it with the same model.')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError('(see --help)')
    .addHelpText(
      'after',
      '\nExit codes: 0 ok; 1 an objective or invariant is violated, or an operation fails; 2 bad input;\n3 internal error; 130 interrupted.',
    );
  addRunning(program, bind);
  addScenario(program, bind);
  addRecording(program, bind);
  for (const command of program.commands) {
    command.exitOverride().showHelpAfterError('(see --help)');
    // Lists are empty unless given; as a default of the option the help would say so.
    for (const option of command.options.filter(({ variadic }) => variadic)) {
      command.setOptionValueWithSource(option.attributeName(), [], 'default');
    }
  }
  return program;
}

const json = () => new Option('--json', 'print one JSON object instead of text');
const setOption = () =>
  new Option('--set <key=value...>', 'fill a parameter that the scenario declares');

const driverOption = () =>
  new Option(
    '--driver <system...>',
    'speak to this system, such as libvirt:uri=qemu:///system (default: the scenario’s)',
  );

function addRunning(program: Command, bind: Bind): void {
  program
    .command('run')
    .description('simulate a scenario, print what happened and write a recording')
    .argument('<scenario>', 'a YAML or TypeScript file')
    .option('--seed <n>', 'seed of all randomness (default: the scenario’s)')
    .option('--until <duration>', 'how long to simulate, such as 36h or 30d')
    .addOption(setOption())
    .option('--profile <name>', 'timing profile (default: the scenario’s)')
    .option('--out <file>', 'write the recording (Arrow IPC) here')
    .option('--html <file>', 'write a self-contained replay page here')
    .addOption(json())
    .action(bind(() => import('./commands/run.ts')));
  program
    .command('check')
    .description('look for a run of a scenario that violates an invariant, and shrink it')
    .argument('[scenario]', 'a YAML or TypeScript file')
    .option('--runs <n>', 'number of runs', '100')
    .option('--seed <n>', 'seed of the search')
    .addOption(setOption())
    .option('--replay <token>', 'repeat the run that a token describes')
    .option('--out <file>', 'write the recording of the counterexample here')
    .addOption(json())
    .action(bind(() => import('./commands/check.ts')));
  program
    .command('capacity')
    .description('run replicas of a scenario and tell utilisation, headroom and probabilities')
    .argument('<scenario>', 'a YAML or TypeScript file')
    .option('--replicas <n>', 'replicas with different seeds', '10')
    .option('--sweep <path=a,b,c...>', 'vary a parameter or a value of the scenario')
    .option('--workers <n>', 'worker threads (results do not depend on it)')
    .option('--until <duration>', 'how long to simulate')
    .option('--seed <n>', 'seed of the first replica')
    .addOption(setOption())
    .option('--out <file>', 'write the results as Parquet here')
    .addOption(json())
    .action(bind(() => import('./commands/capacity.ts')));
  program
    .command('apply')
    .description('carry a scenario’s operations out on real systems')
    .argument('<scenario>', 'a YAML or TypeScript file')
    .addOption(setOption())
    .addOption(driverOption())
    .option('--out <file>', 'write the recording here')
    .option('--html <file>', 'write a self-contained replay page here')
    .addOption(json())
    .action(bind(() => import('./commands/apply.ts')));
  program
    .command('doctor')
    .description('check every real system that a scenario names, and say how to mend it')
    .argument('[scenario]', 'a YAML or TypeScript file; its section live names the systems')
    .addOption(setOption())
    .addOption(driverOption())
    .addOption(json())
    .action(bind(() => import('./commands/doctor.ts')));
  program
    .command('import')
    .description('print a scenario of what real systems have')
    .argument('<system...>', 'a driver, such as libvirt or libvirt:uri=qemu:///system')
    .option('--name <name>', 'name of the scenario', 'imported')
    .action(bind(() => import('./commands/import.ts')));
}

function addScenario(program: Command, bind: Bind): void {
  program
    .command('validate')
    .description('check a scenario and report every mistake in it')
    .argument('<scenario>', 'a YAML or TypeScript file')
    .addOption(setOption())
    .addOption(json())
    .action(bind(() => import('./commands/validate.ts')));
  program
    .command('schema')
    .description('print the JSON Schema of the scenario format, for editors')
    .action(bind(() => import('./commands/schema.ts')));
}

function addRecording(program: Command, bind: Bind): void {
  program
    .command('view')
    .description('serve the replay page of a recording on this machine')
    .argument('<recording>', 'an .arrow file')
    .option('--port <n>', 'port on the loopback interface (default: a free one)')
    .action(bind(() => import('./commands/view.ts')));
  program
    .command('why')
    .description('print the causal chain that led to an entity’s state')
    .argument('<recording>', 'an .arrow file')
    .argument('<entity[@time]>', 'such as server/web-3 or osd/osd.4@36h')
    .addOption(json())
    .action(bind(() => import('./commands/why.ts')));
  program
    .command('diff')
    .description('compare two recordings, such as a simulated and a live run')
    .argument('<a>', 'an .arrow file')
    .argument('<b>', 'an .arrow file')
    .option('--common', 'compare only what both have, such as a live run with a simulated one')
    .addOption(json())
    .action(bind(() => import('./commands/diff.ts')));
  program
    .command('export')
    .description('write a recording in another format')
    .argument('<recording>', 'an .arrow file')
    .option('--perfetto <file>', 'trace JSON for ui.perfetto.dev')
    .option('--parquet <file>', 'the rows as Parquet')
    .option('--html <file>', 'a self-contained replay page')
    .action(bind(() => import('./commands/export.ts')));
}
