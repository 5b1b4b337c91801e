/** The page of metrics explorer. */
import { useText } from '../text/use-text.ts';

export function Page(): React.ReactNode {
  const text = useText();
  return <h1>{text.status.titles.metrics}</h1>;
}
