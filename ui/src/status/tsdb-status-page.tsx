/** The page of what the head of the database holds, and what makes it large. */
import { NativeSelect } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { serverSettings } from '../data/server-settings.ts';
import { useApi } from '../data/use-api.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { PageTitle, SectionHeader } from '../parts/headings.tsx';
import { printSelector } from '../parts/print-selector.ts';
import { useFormats, useText } from '../text/use-text.ts';
import { Answered } from './answered.tsx';
import styles from './status.module.css';
import { useUrlField } from './url-field.ts';

interface Figure {
  readonly name: string;
  readonly value: number;
}

interface Head {
  readonly numSeries: number;
  readonly numLabelPairs: number;
  readonly chunkCount: number;
  readonly minTime: number | null;
  readonly maxTime: number | null;
}

type ListName =
  | 'seriesCountByMetricName'
  | 'labelValueCountByLabelName'
  | 'memoryInBytesByLabelName'
  | 'seriesCountByLabelValuePair';

type TsdbStatus = { readonly headStats: Head } & {
  readonly [name in ListName]: readonly Figure[];
};

const REFRESH_MS = 15_000;
const LIMITS = ['10', '25', '100', '1000'];

export function Page(): React.ReactNode {
  const { status } = useText();
  const { tsdb: text } = status;
  const [given, setLimit] = useUrlField('limit');
  const limit = LIMITS.includes(given) ? given : '10';
  const query = useApi<TsdbStatus>('/api/v1/status/tsdb', { limit }, { refreshMs: REFRESH_MS });
  const isMerged = serverSettings().component !== 'prometheus';
  return (
    <>
      <PageTitle description={isMerged ? text.merged : undefined} title={status.titles.tsdb}>
        <NativeSelect
          aria-label={text.limit}
          data={LIMITS.map((value) => ({ value, label: text.top(value) }))}
          onChange={(event) => setLimit(event.currentTarget.value)}
          size="xs"
          value={limit}
        />
      </PageTitle>
      <Answered query={query}>{(answer) => <Database status={answer} />}</Answered>
    </>
  );
}

function Database({ status }: { readonly status: TsdbStatus }): React.ReactNode {
  const { tsdb: text } = useText().status;
  const { headStats: head } = status;
  if (head.numSeries === 0) {
    const isMerged = serverSettings().component !== 'prometheus';
    if (isMerged) return <EmptyNote title={text.noHead}>{text.noHeadHelp}</EmptyNote>;
    return <EmptyNote title={text.empty} />;
  }
  const { columns } = text;
  return (
    <>
      <HeadFacts head={head} />
      <div className={styles.lists}>
        <TopList
          columns={[columns.metric, columns.series]}
          list="seriesCountByMetricName"
          selectorOf={(name) => printSelector({ __name__: name })}
          status={status}
          total={head.numSeries}
        />
        <TopList
          columns={[columns.pair, columns.series]}
          list="seriesCountByLabelValuePair"
          selectorOf={pairSelector}
          status={status}
          total={head.numSeries}
        />
        <TopList
          columns={[columns.label, columns.values]}
          list="labelValueCountByLabelName"
          status={status}
        />
        <TopList
          columns={[columns.label, columns.bytes]}
          isBytes
          list="memoryInBytesByLabelName"
          status={status}
        />
      </div>
    </>
  );
}

/** `job=node` as a selector; label names have no equals sign. */
function pairSelector(pair: string): string {
  const at = pair.indexOf('=');
  return printSelector({ [pair.slice(0, at)]: pair.slice(at + 1) });
}

function HeadFacts({ head }: { readonly head: Head }): React.ReactNode {
  const { tsdb: text } = useText().status;
  const { count, time } = useFormats();
  const timeText = (ms: number | null): string => time(ms === null || ms <= 0 ? Number.NaN : ms);
  return (
    <dl className={styles.facts}>
      <Fact name={text.series} value={count(head.numSeries)} />
      <Fact name={text.chunks} value={count(head.chunkCount)} />
      <Fact name={text.pairs} value={count(head.numLabelPairs)} />
      <Fact name={text.start} value={timeText(head.minTime)} />
      <Fact name={text.end} value={timeText(head.maxTime)} />
    </dl>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): React.ReactNode {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface TopListProps {
  readonly status: TsdbStatus;
  readonly list: ListName;
  readonly columns: readonly [string, string];
  /** What all entries could add up to; by default bars are relative to the largest. */
  readonly total?: number;
  readonly isBytes?: boolean;
  readonly selectorOf?: (name: string) => string;
}

function TopList(props: TopListProps): React.ReactNode {
  const { status, list, columns, total } = props;
  const { tsdb: text } = useText().status;
  const figures = status[list];
  const whole = total ?? Math.max(...figures.map(({ value }) => value));
  return (
    <section>
      <SectionHeader title={text.lists[list]} />
      <table aria-label={text.lists[list]} className={styles.top}>
        <thead>
          <tr>
            <th scope="col">{columns[0]}</th>
            <th className={styles.number} scope="col">
              {columns[1]}
            </th>
          </tr>
        </thead>
        <tbody>
          {figures.map((figure) => (
            <TopRow {...props} figure={figure} key={figure.name} whole={whole} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface TopRowProps extends TopListProps {
  readonly figure: Figure;
  readonly whole: number;
}

function TopRow({ figure, whole, isBytes, selectorOf }: TopRowProps): React.ReactNode {
  const { name, value } = figure;
  const formats = useFormats();
  const share = whole === 0 ? 0 : Math.min(100, (value / whole) * 100);
  return (
    <tr>
      <td>
        {selectorOf === undefined ? (
          <span className={styles.code}>{name}</span>
        ) : (
          <Link
            className={`${styles.link} ${styles.code}`}
            search={{ 'g0.expr': selectorOf(name), 'g0.tab': '1' }}
            to="/graph"
          >
            {name}
          </Link>
        )}
        <div aria-hidden="true" className={styles.share} style={{ width: `${share}%` }} />
      </td>
      <td className={styles.number}>
        {isBytes === true ? formats.bytes(value) : formats.count(value)}
      </td>
    </tr>
  );
}
