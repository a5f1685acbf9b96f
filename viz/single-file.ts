/**
 * A Vite plugin that puts the page's one script and one style sheet into its HTML, and a content
 * security policy that allows exactly those two, by their hashes, and nothing from elsewhere.
 */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

type Bundle = Parameters<Extract<Plugin['generateBundle'], (...args: never[]) => unknown>>[1];

export function singleFile(): Plugin {
  return {
    name: 'strata-single-file',
    enforce: 'post',
    generateBundle(_, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') throw new Error('The build has no index.html.');
      const script = take(bundle, '.js');
      const style = take(bundle, '.css');
      page.source = inline(String(page.source), script, style);
    },
  };
}

/** Removes the only file of a kind from the bundle and gives its text. */
function take(bundle: Bundle, ending: string): string {
  const names = Object.keys(bundle).filter((name) => name.endsWith(ending));
  const file = bundle[names[0]];
  if (names.length !== 1 || !file) {
    throw new Error(`Expected one ${ending} file in the build, found ${names.length}.`);
  }
  delete bundle[names[0]];
  return file.type === 'chunk' ? file.code : String(file.source);
}

function inline(html: string, script: string, style: string): string {
  // Within a script element only these two sequences mean anything to an HTML parser.
  const safe = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const parts: [RegExp, string][] = [
    [/<script type="module"[^>]*src=[^>]*><\/script>/, ''],
    [/<link rel="stylesheet"[^>]*>/, `<style>${style}</style>`],
    [
      /<!--csp-->/,
      `<meta http-equiv="Content-Security-Policy" content="${policy(safe, style)}" />`,
    ],
    [/<\/body>/, `<script type="module">${safe}</script></body>`],
  ];
  return parts.reduce((page, [pattern, replacement]) => {
    if (!pattern.test(page)) throw new Error(`The page has no ${pattern}.`);
    return page.replace(pattern, () => replacement);
  }, html);
}

function policy(script: string, style: string): string {
  const hash = (text: string): string =>
    `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
