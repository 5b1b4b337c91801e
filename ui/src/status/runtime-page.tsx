/** The page of runtime and build. */
import { serverSettings } from '../data/server-settings.ts';
import { useApi } from '../data/use-api.ts';
import { PageTitle, SectionHeader } from '../parts/headings.tsx';
import { useNow } from '../parts/use-now.ts';
import type { Catalogue } from '../text/catalogue.ts';
import { type Formats, useFormats, useText } from '../text/use-text.ts';
import { Answered } from './answered.tsx';
import styles from './status.module.css';
import { parseTime } from './store-coverage.ts';

type Facts = Readonly<Record<string, string | number | boolean>>;

const REFRESH_MS = 10_000;

export function Page(): React.ReactNode {
  const { status } = useText();
  const { runtime: text } = status;
  const runtime = useApi<Facts>('/api/v1/status/runtimeinfo', {}, { refreshMs: REFRESH_MS });
  const build = useApi<Facts>('/api/v1/status/buildinfo');
  const isProxied = serverSettings().component === 'up';
  return (
    <>
      <PageTitle
        description={isProxied ? text.ofQuerier : undefined}
        title={status.titles.runtime}
      />
      <SectionHeader title={text.runtime} />
      <Answered query={runtime}>{(facts) => <Runtime facts={facts} />}</Answered>
      <SectionHeader title={text.build} />
      <Answered query={build}>{(facts) => <Pairs facts={facts} />}</Answered>
    </>
  );
}

function Runtime({ facts }: { readonly facts: Facts }): React.ReactNode {
  const { runtime: text } = useText().status;
  const formats = useFormats();
  const nowMs = useNow();
  const startMs = parseTime(String(facts.startTime ?? ''));
  const upSeconds = startMs === undefined ? undefined : Math.round((nowMs - startMs) / 1000);
  return (
    <Pairs
      facts={facts}
      more={
        upSeconds === undefined ? [] : [[text.members.uptime, formats.duration(upSeconds * 1000)]]
      }
    />
  );
}

interface PairsProps {
  readonly facts: Facts;
  readonly more?: readonly (readonly [string, string])[];
}

/** Members that we do not know are shown by the name that the server gives them. */
function Pairs({ facts, more = [] }: PairsProps): React.ReactNode {
  const { runtime: text } = useText().status;
  const formats = useFormats();
  const names: Readonly<Record<string, string>> = text.members;
  const known = Object.entries(facts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [names[name] ?? name, valueText(name, value, text, formats)] as const);
  return (
    <dl className={styles.pairs}>
      {[...known, ...more].map(([name, value]) => (
        <Pair key={name} name={name} value={value} />
      ))}
    </dl>
  );
}

function Pair({ name, value }: { readonly name: string; readonly value: string }): React.ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function valueText(
  name: string,
  value: string | number | boolean,
  text: Catalogue['status']['runtime'],
  formats: Formats,
): string {
  if (typeof value === 'boolean') return value ? text.good : text.failed;
  if (typeof value === 'number')
    return name === 'GOMEMLIMIT' && value === 0 ? text.unlimited : formats.count(value);
  const timeMs = name.endsWith('Time') ? parseTime(value) : undefined;
  return timeMs === undefined ? value : formats.time(timeMs);
}
