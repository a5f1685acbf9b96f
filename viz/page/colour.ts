/**
 * Colours of state classes, for a light and a dark page. Chosen so that any two stay apart for
 * protanopes, deuteranopes and tritanopes as well (a test holds them to it); cells that are large
 * enough carry a shape besides.
 */
import { CLASSES } from './replay.ts';

export type Scheme = 'light' | 'dark';

export interface Theme {
  readonly scheme: Scheme;
  /** By class code. */
  readonly classes: readonly string[];
  readonly ground: string;
  readonly slot: string;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly fault: string;
}

export const THEMES: Readonly<Record<Scheme, Theme>> = {
  dark: {
    scheme: 'dark',
    classes: ['#2f78ad', '#434b58', '#9adcf8', '#f7e48a', '#f0a030', '#ea441f'],
    ground: '#0f1318',
    slot: '#1b222b',
    text: '#dde3ea',
    muted: '#8d99a8',
    accent: '#6cb6ff',
    fault: '#ff6a3d',
  },
  light: {
    scheme: 'light',
    classes: ['#3f6fae', '#c4d0d3', '#47a8e6', '#ebad1a', '#ae780a', '#a8150f'],
    ground: '#f7f8fa',
    slot: '#e6e9ee',
    text: '#1b2430',
    muted: '#5d6875',
    accent: '#0b63c4',
    fault: '#c2281d',
  },
};

/** What each class code means, for the legend. */
export const CLASS_LABELS: readonly string[] = [
  'stable, serving',
  'stable, not serving',
  'changing, serving',
  'changing, not serving',
  'failed, still serving',
  'failed, not serving',
];

/** Makes the theme's colours known to the style sheet, as `--class-0` and so on. */
export function applyTheme(theme: Theme, root: HTMLElement): void {
  for (const [code] of CLASSES.entries()) {
    root.style.setProperty(`--class-${code}`, theme.classes[code]);
  }
  for (const name of ['ground', 'slot', 'text', 'muted', 'accent', 'fault'] as const) {
    root.style.setProperty(`--${name}`, theme[name]);
  }
}
