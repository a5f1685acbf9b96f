/** The examples of a Markdown page: fenced blocks whose info string says `test` or `output`. */

export type Example =
  | { readonly kind: 'file'; readonly line: number; readonly file: string; readonly text: string }
  | { readonly kind: 'append'; readonly line: number; readonly file: string; readonly text: string }
  /** Shell commands, run together; `output` are lines that come in this order. */
  | {
      readonly kind: 'shell';
      readonly line: number;
      readonly text: string;
      readonly output: readonly string[];
    }
  /** A program that needs packages which may be absent. */
  | {
      readonly kind: 'python';
      readonly line: number;
      readonly file: string;
      readonly text: string;
      readonly packages: string;
      readonly output: readonly string[];
    };

const FENCE = /^```(\w+) (test|output)\b(.*)\n([\s\S]*?)^```$/gm;

/** Throws when an output follows nothing that prints, or a block cannot be understood. */
export function examplesOf(page: string): readonly Example[] {
  const examples: Example[] = [];
  for (const match of page.matchAll(FENCE)) {
    const [, language, role, rest, text] = match;
    const line = page.slice(0, match.index).split('\n').length;
    const options = new Map(
      [...rest.matchAll(/(\w+)=(\S+)/g)].map(([, key, value]) => [key, value] as const),
    );
    if (role === 'output') {
      const last = examples.pop();
      if (last?.kind !== 'shell' && last?.kind !== 'python') {
        throw new Error(`line ${line}: output of nothing`);
      }
      examples.push({ ...last, output: text.split('\n').filter((each) => each.trim() !== '') });
    } else {
      examples.push(exampleOf(language, options, text, line));
    }
  }
  return examples;
}

function exampleOf(
  language: string,
  options: ReadonlyMap<string, string>,
  text: string,
  line: number,
): Example {
  const file = options.get('file');
  const append = options.get('append');
  if (language === 'sh') return { kind: 'shell', line, text, output: [] };
  if (language === 'python' && file !== undefined) {
    const packages = options.get('packages') ?? '';
    return { kind: 'python', line, file, text, packages, output: [] };
  }
  if (file !== undefined) return { kind: 'file', line, file, text };
  if (append !== undefined) return { kind: 'append', line, file: append, text };
  throw new Error(`line ${line}: a ${language} block has neither file nor append`);
}
