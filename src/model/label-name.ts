/** Which names labels may have. Source: ValidationScheme of Prometheus' model. */

/** `utf8` takes any text that is not empty; `legacy` only `[a-zA-Z_][a-zA-Z0-9_]*`. */
export type ValidationScheme = 'utf8' | 'legacy';

export function isValidLabelName(name: string, scheme: ValidationScheme): boolean {
  if (scheme === 'legacy') return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
  return name !== '' && name.isWellFormed();
}
