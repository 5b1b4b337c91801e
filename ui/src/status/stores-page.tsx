/** The page of stores. */
import { useText } from '../text/use-text.ts';

export function Page(): React.ReactNode {
  const text = useText();
  return <h1>{text.status.titles.stores}</h1>;
}
