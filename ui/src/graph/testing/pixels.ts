/** What tests ask of the page, since only here canvases can be read. Colours are `#rrggbb`. */

function imageOf(selector: string): ImageData | undefined {
  const canvas = document.querySelector<HTMLCanvasElement>(selector);
  if (canvas === null || canvas.width === 0) return undefined;
  return canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height);
}

function hex(channels: ArrayLike<number>): string {
  const two = (channel: number): string => channel.toString(16).padStart(2, '0');
  return `#${two(channels[0])}${two(channels[1])}${two(channels[2])}`;
}

export function isDrawn(selector: string): boolean {
  return imageOf(selector)?.data.some((value) => value !== 0) ?? false;
}

/** How many opaque pixels a canvas has of each colour. */
export function coloursOn(selector: string): Record<string, number> {
  const counts: Record<string, number> = {};
  const { data = [] } = imageOf(selector) ?? {};
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 255) continue;
    const colour = hex([data[i], data[i + 1], data[i + 2]]);
    counts[colour] = (counts[colour] ?? 0) + 1;
  }
  return counts;
}

/** Where opaque pixels of a colour are, from the left edge (0) to the right (1). */
export function placesOf(selector: string, colour: string): number[] {
  const image = imageOf(selector);
  if (image === undefined) return [];
  const { data, width } = image;
  const found = new Set<number>();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 255 && hex([data[i], data[i + 1], data[i + 2]]) === colour) {
      found.add((i / 4) % width);
    }
  }
  return [...found].map((x) => x / width);
}

/** The highest pixel that is drawn on at each column, from the bottom (0) to the top (1). */
export function heights(selector: string): number[] {
  const image = imageOf(selector);
  if (image === undefined) return [];
  const { data, width, height } = image;
  return Array.from({ length: width }, (_, x) => {
    let y = 0;
    while (y < height && data[(y * width + x) * 4 + 3] === 0) y++;
    return 1 - y / height;
  });
}

/** Where the opaque edges of bands are in the middle column, from the bottom (0) upwards. */
export function edges(selector: string): number[] {
  const image = imageOf(selector);
  if (image === undefined) return [];
  const { data, width, height } = image;
  const x = Math.floor(width / 2);
  const found: number[] = [];
  for (let y = height - 1; y > 0; y--) {
    const strength = (row: number): number => data[(row * width + x) * 4 + 3];
    const isEdge = strength(y) > strength(y + 1) + 20 || (y === 0 && strength(y) > 0);
    if (isEdge) found.push((height - y - 0.5) / height);
  }
  return found;
}

/** Of the legend's rows in sight. */
export function swatches(): string[] {
  const spans = document.querySelectorAll('section li button > span:first-child');
  return [...spans].map((span) => {
    const channels = getComputedStyle(span).backgroundColor.match(/\d+/g)?.map(Number) ?? [];
    return hex(channels);
  });
}

/** Times of frames from now on, in milliseconds. */
export function watchFrames(): number[] {
  const frames: number[] = [];
  const take = (at: number): void => {
    frames.push(at);
    requestAnimationFrame(take);
  };
  requestAnimationFrame(take);
  return frames;
}

/** Lengths of tasks over 50 ms from now on, in milliseconds. */
export function watchTasks(): number[] {
  const tasks: number[] = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(Math.round(duration));
  }).observe({ entryTypes: ['longtask'] });
  return tasks;
}
