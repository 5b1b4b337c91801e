/** An empty result is an answer: it says why, and what would find something. */
import { Button, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ApiParameters, askApi } from '../data/api.ts';
import { parseQuery } from '../editor/query-faults.ts';
import { escapedLabel } from '../editor/vocabulary.ts';
import { useFormats, useText } from '../text/use-text.ts';
import { type EmptyHint, findEmptyHints, type KnownSeries } from './empty-result.ts';
import styles from './explore.module.css';
import { nextRange } from './panel.ts';
import { storeParameters } from './query-request.ts';
import type { ResultViewProps } from './result-view.tsx';

export function EmptyView(props: ResultViewProps): React.ReactNode {
  const { panel, asked, syntax } = props;
  const text = useText().explore.empty;
  const known = knownSeries(props);
  const { data, isPending } = useQuery({
    queryKey: ['empty', panel.expr, asked.vocabulary.key],
    queryFn: ({ signal }) => {
      const parsed = parseQuery(panel.expr, syntax);
      return parsed.kind === 'parsed' ? findEmptyHints(parsed.expr, known, signal) : [];
    },
    enabled: !asked.shown.isOld,
    retry: false,
  });
  return (
    <div className={styles.empty} role="status">
      <h3>{text.title}</h3>
      {isPending ? (
        <p className={styles.note}>
          <Loader size={12} /> {text.looking}
        </p>
      ) : null}
      <ul>
        {(data ?? []).map((hint) => (
          <li key={JSON.stringify(hint)}>
            <Hint hint={hint} {...props} />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface HintProps extends ResultViewProps {
  readonly hint: EmptyHint;
}

function Hint({ hint, ...props }: HintProps): React.ReactNode {
  const text = useText().explore.empty;
  const { panel, onRun, onChange } = props;
  const formats = useFormats();
  switch (hint.kind) {
    case 'no-metric': {
      const { name, nearest } = hint;
      return (
        <>
          <span>{text.noMetric(name)}</span>
          {nearest === undefined ? null : (
            <>
              <span>{text.didYouMean}</span>
              <Button
                onClick={() => onRun(withWord(panel.expr, name, nearest))}
                size="compact-xs"
                variant="light"
              >
                {nearest}
              </Button>
            </>
          )}
        </>
      );
    }
    case 'not-in-range': {
      const longerMs = nextRange(panel.rangeMs, 'longer');
      return (
        <>
          <span>{text.notInRange(hint.selector)}</span>
          <Button
            onClick={() => onChange({ ...panel, rangeMs: longerMs })}
            size="compact-xs"
            variant="light"
          >
            {text.longerRange(formats.duration(longerMs))}
          </Button>
        </>
      );
    }
    case 'no-label-value':
      return <NoValue hint={hint} {...props} />;
    case 'no-match':
      return <span>{text.noMatch(hint.selector)}</span>;
    case 'all-filtered':
      return <span>{text.filtered}</span>;
  }
}

interface NoValueProps extends ResultViewProps {
  readonly hint: Extract<EmptyHint, { kind: 'no-label-value' }>;
}

const VALUES_SHOWN = 8;

function NoValue({ hint, panel, onRun }: NoValueProps): React.ReactNode {
  const text = useText().explore.empty;
  const formats = useFormats();
  const { selector, label, value, known } = hint;
  if (known.length === 0) return <span>{text.noLabel(selector, label)}</span>;
  return (
    <>
      <span>{text.noValue(selector, label, value)}</span>
      <span>{text.values}</span>
      {known.slice(0, VALUES_SHOWN).map((other) => (
        <Button
          key={other}
          onClick={() => onRun(panel.expr.replaceAll(`"${value}"`, JSON.stringify(other)))}
          size="compact-xs"
          variant="light"
        >
          {other}
        </Button>
      ))}
      {known.length > VALUES_SHOWN ? (
        <span>{text.andMore(formats.count(known.length - VALUES_SHOWN))}</span>
      ) : null}
    </>
  );
}

/** Another name in place of a word of the query. */
function withWord(expr: string, word: string, other: string): string {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return expr.replace(new RegExp(`(?<![\\w:])${escaped}(?![\\w:])`, 'g'), () => other);
}

const VALUES_MAX = 1000;

function knownSeries({ panel, asked }: ResultViewProps): KnownSeries {
  const { vocabulary, grid } = asked;
  const stores = storeParameters(panel);
  const inRange = { start: grid.startMs / 1000, end: grid.endMs / 1000 };
  const hasSeries = async (selector: string, where: ApiParameters, signal: AbortSignal) => {
    const parameters = { 'match[]': selector, limit: 1, ...where, ...stores };
    const { data } = await askApi<readonly unknown[]>('/api/v1/series', parameters, { signal });
    return data.length > 0;
  };
  return {
    hasSeries: (selector, signal) => hasSeries(selector, inRange, signal),
    hasSeriesEver: (selector, signal) => hasSeries(selector, {}, signal),
    labelValues: async (label, selector, signal) => {
      const path = `/api/v1/label/${encodeURIComponent(escapedLabel(label))}/values`;
      const parameters = { 'match[]': selector, limit: VALUES_MAX, ...stores };
      return (await askApi<readonly string[]>(path, parameters, { signal })).data;
    },
    nearestMetric: async (name) => (await vocabulary.metrics()).index.nearest(name),
  };
}
