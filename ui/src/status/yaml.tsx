/** YAML with numbered lines and quiet colours. */
import { useText } from '../text/use-text.ts';
import styles from './status.module.css';
import { yamlLines } from './yaml-tokens.ts';

export function Yaml({ text }: { readonly text: string }): React.ReactNode {
  const { status } = useText();
  return (
    <section aria-label={status.titles.config} className={styles.yaml}>
      <pre>
        {yamlLines(text).map(({ number, tokens }) => (
          <span className={styles.line} key={number}>
            {tokens.map(({ kind, text: part, column }) => (
              <span data-kind={kind} key={column}>
                {part}
              </span>
            ))}
          </span>
        ))}
      </pre>
    </section>
  );
}
