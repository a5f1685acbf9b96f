/** The sections of an oslo.config file. */
export type Sections = Readonly<
  Record<string, Readonly<Record<string, string | number | boolean>>>
>;

/** Joins settings; those that come later count. */
export function merged(...all: readonly Sections[]): Sections {
  const sections: Record<string, Record<string, string | number | boolean>> = {};
  for (const each of all) {
    for (const [name, values] of Object.entries(each)) {
      sections[name] = { ...sections[name], ...values };
    }
  }
  return sections;
}

/** As oslo.config reads it. */
export function iniText(sections: Sections): string {
  return Object.entries(sections)
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}`);
      return [`[${name}]`, ...lines, ''].join('\n');
    })
    .join('\n');
}
