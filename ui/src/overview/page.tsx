/** The overview page. */
import { useText } from '../text/use-text.ts';

export function Page(): React.ReactNode {
  const text = useText();
  return <h1>{text.overview.title}</h1>;
}
