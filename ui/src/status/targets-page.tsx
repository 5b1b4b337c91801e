/** The page of targets. */
import { useText } from '../text/use-text.ts';

export function Page(): React.ReactNode {
  const text = useText();
  return <h1>{text.status.titles.targets}</h1>;
}
