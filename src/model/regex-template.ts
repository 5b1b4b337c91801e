/** Replacement templates of relabeling and label_replace. Source: Go's regexp.Expand. */
import type { RegexMatch } from './regex.ts';

/**
 * Replaces `$1`, `$name`, `${1}`, `${name}` by groups of the match and `$$` by a dollar. The longest run of
 * letters, digits and underscores is the name; an unknown or unused group is empty; any other `$` stays.
 */
export function expandTemplate(template: string, match: RegexMatch): string {
  if (!template.includes('$')) return template;
  return template.replace(
    /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (_, dollar: string | undefined, braced: string | undefined, bare: string | undefined) =>
      dollar ?? groupText(braced ?? bare ?? '', match),
  );
}

function groupText(name: string, { groups, names }: RegexMatch): string {
  if (/^\d+$/.test(name)) return /^0\d/.test(name) ? '' : (groups[Number(name)] ?? '');
  return Object.hasOwn(names, name) ? (groups[names[name] as number] ?? '') : '';
}
