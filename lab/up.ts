/** `npm run lab:up [SYSTEM...]`: starts real systems on this Debian machine. */
import { runProgram } from './command-line.ts';
import { labFolder } from './folder.ts';
import { bringUp } from './lifecycle.ts';
import { LabReport } from './report.ts';
import { chosenSystems } from './systems.ts';

await runProgram(async () => {
  const report = new LabReport();
  report.say(`lab folder ${labFolder()}`);
  for (const system of chosenSystems(process.argv.slice(2))) {
    await bringUp(system, report);
    for (const [name, value] of Object.entries(system.endpoint())) report.say(`  ${name}=${value}`);
    report.say(`try it:\n  ${system.example()}`);
  }
});
