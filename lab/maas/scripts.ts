import { badForm } from './refusal.ts';

/** Some of the scripts that every region has, by the field that names them. */
const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  commissioning_scripts: ['maas-capture-lldpd', 'maas-list-modaliases', 'maas-lshw', 'none'],
  testing_scripts: [
    ...['7z', 'badblocks', 'fio', 'internet-connectivity', 'memtester', 'none', 'ntp'],
    ...['smartctl-short', 'smartctl-validate', 'stress-ng-cpu-short', 'stress-ng-memory-short'],
  ],
};

/** Refuses a form that names scripts which are not there. */
export function refuseScripts(form: URLSearchParams): void {
  for (const [field, known] of Object.entries(SCRIPTS)) {
    const unknown = form
      .get(field)
      ?.split(',')
      .find((name) => !known.includes(name));
    if (unknown === undefined) continue;
    throw badForm(field, `Select a valid choice. ${unknown} is not one of the available choices.`);
  }
}
