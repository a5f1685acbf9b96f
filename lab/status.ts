/** `npm run lab:status [SYSTEM...]`: tells what runs; exit code 1 when a named system is down. */
import { runProgram } from './command-line.ts';
import { runningDaemons, systemProcesses } from './lifecycle.ts';
import { residentBytes } from './process.ts';
import { LabReport } from './report.ts';
import { chosenSystems } from './systems.ts';

await runProgram(async () => {
  const report = new LabReport();
  const named = process.argv.slice(2);
  for (const system of chosenSystems(named)) {
    const probe = await system.probe();
    report.say(`${system.name}: ${probe.ok ? `up, ${probe.says}` : `down, ${probe.why}`}`);
    report.say(`  ${system.describes}`);
    for (const daemon of runningDaemons(system.name)) {
      report.say(`  ${daemon.name} pid ${daemon.pid} ${mebibytes(daemon.pid)} MiB`);
    }
    const others = systemProcesses(system.name).length - runningDaemons(system.name).length;
    if (others > 0) report.say(`  ${others} more processes in its namespaces`);
    if (probe.ok) {
      for (const [name, value] of Object.entries(system.endpoint()))
        report.say(`  ${name}=${value}`);
    } else if (named.length > 0) {
      process.exitCode = 1;
    }
  }
});

function mebibytes(pid: number): string {
  return (residentBytes(pid) / 2 ** 20).toFixed(0);
}
