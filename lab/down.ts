/** `npm run lab:down [SYSTEM...]`: stops exactly what `lab:up` started. */
import { runProgram } from './command-line.ts';
import { takeDown } from './lifecycle.ts';
import { LabReport } from './report.ts';
import { chosenSystems } from './systems.ts';

await runProgram(async () => {
  const report = new LabReport();
  for (const system of chosenSystems(process.argv.slice(2))) {
    await report.part(system.name, 'stop', async () => `${await takeDown(system)} processes ended`);
  }
});
