/** Paths whose last element may have wildcards, as rule and scrape configuration files are named. */
import { basename, dirname, join } from 'node:path';
import type { FileSystem } from '../base/file-system.ts';
import { type AnchoredRegex, compileRegex } from '../model/regex.ts';

/** Whether only the last element has wildcards. */
export function isFilePattern(path: string): boolean {
  return /^[^*]*(\*[^/]*)?$/.test(path);
}

/** Files that match, sorted; none is no error. */
export function findFiles(files: FileSystem, pattern: string): readonly string[] {
  const name = basename(pattern);
  if (!/[*?[]/.test(name)) return files.stat(pattern) === undefined ? [] : [pattern];
  const directory = dirname(pattern);
  if (files.stat(directory)?.isDirectory !== true) return [];
  const matcher = globMatcher(name);
  return files
    .list(directory)
    .filter((one) => matcher.matches(one))
    .map((one) => join(directory, one));
}

/** `*` is any run, `?` any character, `[a-c]` a class; `\` takes the next character as it is. */
function globMatcher(glob: string): AnchoredRegex {
  const source = glob.replace(/\\?[\s\S]/g, (part) => {
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part === '[' || part === ']' || part === '-' || part === '^') return part;
    return part.slice(-1).replace(/[.+^${}()|\\*?[\]-]/, '\\$&');
  });
  return compileRegex(source);
}
