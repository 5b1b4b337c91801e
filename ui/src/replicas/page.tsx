/** The replicas page. */
import { useText } from '../text/use-text.ts';

export function Page(): React.ReactNode {
  const text = useText();
  return <h1>{text.replicas.title}</h1>;
}
