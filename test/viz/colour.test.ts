import { describe, expect, it } from 'vitest';
import { CLASS_LABELS, THEMES } from '../../viz/page/colour.ts';
import { CLASSES } from '../../viz/page/replay.ts';

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

/** How linear RGB looks to full dichromats: Machado, Oliveira and Fernandes, 2009, severity 1. */
const EYES: Readonly<Record<string, Matrix>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanope: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranope: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanope: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const apply = (m: Matrix, v: Vector): Vector =>
  m.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as unknown as Vector;

function linear(hex: string): Vector {
  return [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as unknown as Vector;
}

/** Oklab (Ottosson, 2020) x 100, in which distances are about as large as they look. */
function oklab(rgb: Vector): Vector {
  const clipped = rgb.map((c) => Math.min(1, Math.max(0, c))) as unknown as Vector;
  const lms = apply(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    clipped,
  ).map((c) => 100 * Math.cbrt(c)) as unknown as Vector;
  return apply(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    lms,
  );
}

function distance(a: string, b: string, eye: Matrix): number {
  const [p, q] = [a, b].map((hex) => oklab(apply(eye, linear(hex))));
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

const luminance = (hex: string): number =>
  apply(
    [
      [0.2126, 0.7152, 0.0722],
      [0, 0, 0],
      [0, 0, 0],
    ],
    linear(hex),
  )[0];

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

/** About twelve times what can just be told apart side by side. */
const APART_MIN = 12;

describe.each(Object.values(THEMES))('the $scheme page', (theme) => {
  it.each(Object.entries(EYES))('has classes of states that a %s tells apart', (_, eye) => {
    const close = CLASSES.flatMap((a, i) =>
      CLASSES.slice(i + 1).map((b, j) => ({
        pair: `${a} / ${b}`,
        apart: distance(theme.classes[i], theme.classes[i + 1 + j], eye),
      })),
    ).filter(({ apart }) => apart < APART_MIN);
    expect(close).toEqual([]);
  });

  it('has text that can be read', () => {
    expect(contrast(theme.text, theme.ground)).toBeGreaterThan(7);
    expect(contrast(theme.muted, theme.ground)).toBeGreaterThan(4.5);
    expect(contrast(theme.fault, theme.ground)).toBeGreaterThan(4.5);
  });

  it('has a colour and a meaning for every class', () => {
    expect(theme.classes).toHaveLength(CLASSES.length);
    expect(CLASS_LABELS).toHaveLength(CLASSES.length);
  });
});
