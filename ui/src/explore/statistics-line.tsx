/** One quiet line of figures under the controls. */
import { useUserSettings } from '../data/user-settings.ts';
import { useFormats, useText } from '../text/use-text.ts';
import styles from './explore.module.css';
import { type QueryStatistics, statisticsFacts } from './statistics.ts';

interface StatisticsLineProps {
  readonly tookMs: number;
  readonly seriesCount: number | undefined;
  readonly stepMs: number | undefined;
  readonly evaluatedMs: number | undefined;
  readonly statistics: QueryStatistics | undefined;
  /** Read from the stores: known of measured queries. */
  readonly bytes: number | undefined;
}

export function StatisticsLine(props: StatisticsLineProps): React.ReactNode {
  const { tookMs, seriesCount, stepMs, evaluatedMs, statistics, bytes } = props;
  const text = useText().explore.statistics;
  const formats = useFormats();
  const [{ queryStatistics }] = useUserSettings();
  if (!queryStatistics) return <div className={styles.statistics} />;
  const facts = statisticsFacts(statistics);
  const shown = (value: number | undefined, print: (value: number) => string) =>
    value === undefined ? [] : [print(value)];
  const items = [
    text.took(formats.duration(tookMs)),
    ...shown(facts.serverMs, (ms) => text.server(formats.duration(ms))),
    ...shown(facts.queueMs, (ms) => text.waited(formats.duration(ms))),
    ...shown(seriesCount, (count) => text.series(formats.count(count))),
    ...shown(facts.samples, (count) => text.samples(formats.count(count))),
    ...shown(bytes, (size) => text.bytes(formats.bytes(size))),
    ...shown(stepMs, (ms) => text.step(formats.duration(ms))),
    ...shown(evaluatedMs, (ms) => text.evaluated(formats.time(ms))),
  ];
  return (
    <ul aria-label={text.label} className={styles.statistics}>
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}
