/** Before the first query: what can be asked here, by what the server has. */
import { Skeleton, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Vocabulary } from '../editor/vocabulary.ts';
import { useText } from '../text/use-text.ts';
import { type Example, examplesFor } from './examples.ts';
import styles from './explore.module.css';

interface ExamplesProps {
  readonly vocabulary: Vocabulary;
  readonly onChoose: (example: Example) => void;
}

export function Examples({ vocabulary, onChoose }: ExamplesProps): React.ReactNode {
  const text = useText().explore.examples;
  const { data, isPending } = useQuery({
    queryKey: ['examples', vocabulary.key],
    queryFn: async () => {
      const { index } = await vocabulary.metrics();
      const names = new Set(index.names);
      return examplesFor((name) => names.has(name));
    },
    retry: false,
  });
  const examples = data ?? [];
  return (
    <div className={styles.examples}>
      <h2>{text.title}</h2>
      <p className={styles.note}>
        {isPending ? ' ' : examples.length === 0 ? text.none : text.hint}
      </p>
      <ul className={styles.exampleList}>
        {isPending
          ? [0, 1, 2, 3].map((place) => (
              <li key={place}>
                <Skeleton height={62} />
              </li>
            ))
          : examples.map((example) => (
              <li key={example.query}>
                <UnstyledButton className={styles.example} onClick={() => onChoose(example)}>
                  <span>{text.topics[example.topic]}</span>
                  <code>{example.query}</code>
                </UnstyledButton>
              </li>
            ))}
      </ul>
      <p className={styles.note}>{text.keys}</p>
    </div>
  );
}
