import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { colourIndexes, PALETTE, PALETTE_SIZE } from './palette.ts';

type Triple = readonly [number, number, number];
type Matrix3 = readonly [Triple, Triple, Triple];

/** Machado, Oliveira, Fernandes 2009: severity 1, on linear RGB. */
const BLINDNESS: Readonly<Record<string, Matrix3>> = {
  none: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(hex: string): Triple {
  const channel = (at: number): number => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function apply(matrix: Matrix3, [a, b, c]: Triple): Triple {
  const row = ([x, y, z]: Triple): number => Math.min(1, Math.max(0, x * a + y * b + z * c));
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
}

/** Björn Ottosson's OKLab: equal distances look equally different. */
function okLab([r, g, b]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function luminance([r, g, b]: Triple): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(linear(a)), luminance(linear(b))].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
}

test('every colour stands out from its ground by the 3:1 that WCAG asks of graphics', () => {
  for (const colour of PALETTE.light) assert.ok(contrast(colour, '#ffffff') >= 3, colour);
  for (const colour of PALETTE.dark) assert.ok(contrast(colour, '#242424') >= 3, colour);
});

test('every two colours differ for everybody, whatever cones they have', () => {
  for (const colours of Object.values(PALETTE)) {
    assert.equal(colours.length, PALETTE_SIZE);
    for (const [kind, matrix] of Object.entries(BLINDNESS)) {
      const seen = colours.map((colour) => okLab(apply(matrix, linear(colour))));
      for (let i = 0; i < seen.length; i++) {
        for (let j = 0; j < i; j++) {
          const [x, y, z] = [0, 1, 2].map((k) => seen[i][k] - seen[j][k]);
          const distance = Math.hypot(x, y, z);
          assert.ok(distance > 0.08, `${kind}: ${colours[i]} and ${colours[j]}: ${distance}`);
        }
      }
    }
  }
});

const instances = Array.from({ length: 12 }, (_, i) => ({ job: 'node', instance: `host-${i}` }));

test('twelve series have twelve colours', () => {
  assert.equal(new Set(colourIndexes(instances)).size, 12);
});

test('a series keeps its colour when the order of series or of labels changes', () => {
  const before = colourIndexes(instances);
  const turned = [...instances].reverse().map(({ job, instance }) => ({ instance, job }));
  assert.deepEqual([...colourIndexes(turned)].reverse(), [...before]);
});

test('most series keep their colour when others go', () => {
  const few = instances.slice(0, 6);
  const before = colourIndexes(few);
  const after = colourIndexes(few.slice(1));
  const kept = [...after].filter((colour, i) => colour === before[i + 1]).length;
  assert.ok(kept >= 3, `${kept} of 5`);
});

test('colours of many series are used equally often', () => {
  const many = Array.from({ length: 1200 }, (_, i) => ({ i: String(i) }));
  const used = new Uint32Array(PALETTE_SIZE);
  for (const index of colourIndexes(many)) used[index]++;
  assert.deepEqual([...used], new Array(PALETTE_SIZE).fill(100));
});
