/** What each relabelling rule of a pool makes of one discovered target, and the pool's configuration. */
import { useApi } from '../data/use-api.ts';
import { BlockSkeleton } from '../parts/skeletons.tsx';
import { useText } from '../text/use-text.ts';
import { Answered } from './answered.tsx';
import { labelChanges } from './discovery-list.ts';
import styles from './status.module.css';
import { Yaml } from './yaml.tsx';

type Labels = Readonly<Record<string, string>>;

interface Step {
  readonly rule: Readonly<Record<string, unknown>>;
  readonly output: Labels;
  readonly keep: boolean;
}

interface RelabelStepsProps {
  readonly pool: string;
  readonly labels: Labels;
}

export function RelabelSteps({ pool, labels }: RelabelStepsProps): React.ReactNode {
  const query = useApi<{ readonly steps: readonly Step[] | null }>(
    '/api/v1/targets/relabel_steps',
    {
      scrapePool: pool,
      labels: JSON.stringify(labels),
    },
  );
  return (
    <Answered query={query} skeleton={<BlockSkeleton height={120} />}>
      {({ steps }) => <StepList labels={labels} steps={steps ?? []} />}
    </Answered>
  );
}

interface StepListProps {
  readonly labels: Labels;
  readonly steps: readonly Step[];
}

function StepList({ labels, steps }: StepListProps): React.ReactNode {
  const { discovery: text } = useText().status;
  if (steps.length === 0) return <p className={styles.note}>{text.noSteps}</p>;
  const end = steps.findIndex(({ keep }) => !keep);
  const shown = (end < 0 ? steps : steps.slice(0, end + 1)).map((step, i) => ({
    ...step,
    number: i + 1,
    before: steps[i - 1]?.output ?? labels,
  }));
  return (
    <ol className={styles.steps}>
      {shown.map((step) => (
        <li className={styles.step} key={step.number}>
          <h4>{text.step(String(step.number), String(step.rule.action ?? ''))}</h4>
          <pre>{ruleText(step.rule)}</pre>
          <StepOutcome before={step.before} step={step} />
        </li>
      ))}
    </ol>
  );
}

interface StepOutcomeProps {
  readonly before: Labels;
  readonly step: Step;
}

function StepOutcome({ before, step }: StepOutcomeProps): React.ReactNode {
  const { discovery: text } = useText().status;
  if (!step.keep) return <div className={styles.error}>{text.dropHere}</div>;
  const changes = labelChanges(before, step.output);
  if (changes.length === 0) return <div className={styles.quiet}>{text.noChange}</div>;
  return changes.map(({ name, before: old, after }) => (
    <div className={styles.code} key={name}>
      {old !== undefined && <del>{`${name}=${JSON.stringify(old)}`}</del>}
      {old !== undefined && after !== undefined && ' → '}
      {after !== undefined && <ins>{`${name}=${JSON.stringify(after)}`}</ins>}
    </div>
  ));
}

/** Members as in the configuration; the action stands in the title. */
function ruleText(rule: Step['rule']): string {
  return Object.entries(rule)
    .filter(([name]) => name !== 'action')
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');
}

export function PoolConfig({ pool }: { readonly pool: string }): React.ReactNode {
  const query = useApi<{ readonly yaml: string }>('/api/v1/scrape_pools/config', {
    scrapePool: pool,
  });
  return (
    <Answered query={query} skeleton={<BlockSkeleton height={160} />}>
      {({ yaml }) => <Yaml text={yaml} />}
    </Answered>
  );
}
