/** What a command tells the web UI that it serves. */
import type { UiOptions } from '../api/ui-routes.ts';
import type { CommandContext } from './command.ts';

type Told = Pick<UiOptions, 'component' | 'features'> & Partial<Pick<UiOptions, 'title'>>;

export function uiOptions(
  { files, build }: CommandContext,
  { externalPrefix, prefixHeader }: Pick<UiOptions, 'externalPrefix' | 'prefixHeader'>,
  { component, features, title = 'Tsanos' }: Told,
): UiOptions {
  return {
    files,
    directory: new URL('../../ui/dist', import.meta.url).pathname, // the same from src/ and dist/
    component,
    title,
    version: build.version,
    features,
    externalPrefix,
    prefixHeader,
  };
}
