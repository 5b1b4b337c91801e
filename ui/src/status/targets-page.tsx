/** The page of targets. */
import { PageTitle } from '../parts/headings.tsx';
import { useText } from '../text/use-text.ts';

export function Page(): React.ReactNode {
  const text = useText();
  return <PageTitle title={text.status.titles.targets} />;
}
