/** The file of this folder that a thread starts with, such as `worker`: TypeScript in a checkout, JavaScript in the package. */
export function threadEntry(name: string): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./${name}.${extension}`, import.meta.url);
}
