/** What runs here and what to try, until somebody has read it. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { serverSettings } from '../data/server-settings.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { CloseIcon } from '../parts/icons.tsx';
import { useText } from '../text/use-text.ts';
import styles from './first-steps.module.css';
import type { SystemComponent } from './system-model.ts';

const QUERIES = {
  up: 'up',
  samples: 'rate(prometheus_tsdb_head_samples_appended_total[1m])',
  cpu: 'rate(process_cpu_seconds_total[1m])',
  latency: 'scrape_duration_seconds',
} as const;

export interface FirstStepsProps {
  readonly components: readonly SystemComponent[];
  readonly onClose: () => void;
}

export function FirstSteps({ components, onClose }: FirstStepsProps): React.ReactNode {
  const text = useText().overview.first;
  const { component, prefix } = serverSettings();
  const { running } = text;
  const lead = { up: running.system, prometheus: running.prometheus }[component as string];
  const pid = components.find(
    ({ kind, pid: known }) => kind === 'prometheus' && known !== null,
  )?.pid;
  return (
    <section aria-label={text.title} className={styles.panel}>
      <div className={styles.head}>
        <h2>{text.title}</h2>
        <button aria-label={text.close} className={styles.close} onClick={onClose} type="button">
          <CloseIcon />
        </button>
      </div>
      <p className={styles.lead}>{lead ?? running.query}</p>
      <ul className={styles.queries}>
        <li>{text.query}</li>
        {Object.entries(QUERIES).map(([name, expr]) => (
          <li key={name}>
            <Link
              className={styles.query}
              search={{ 'g0.expr': expr, 'g0.tab': '0', 'g0.range_input': '15m' }}
              title={expr}
              to="/graph"
            >
              {text.queries[name as keyof typeof QUERIES]}
            </Link>
          </li>
        ))}
      </ul>
      <div className={styles.steps}>
        {pid !== undefined && pid !== null && <KillStep pid={pid} />}
        {component === 'up' && (
          <Step text={text.config.words} title={text.config.title}>
            <Command text={text.config.commands.file} />
            <Command text={text.config.commands.target} />
          </Step>
        )}
        <Step text={text.grafana.words} title={text.grafana.title}>
          <Command text={`${location.origin}${prefix}`} />
        </Step>
      </div>
    </section>
  );
}

function KillStep({ pid }: { readonly pid: number }): React.ReactNode {
  const { kill } = useText().overview.first;
  return (
    <Step text={kill.words} title={kill.title}>
      <Command text={kill.command(String(pid))} />
      <Link search={{ expr: 'up{job="prometheus"}' }} to="/replicas">
        {kill.see}
      </Link>
    </Step>
  );
}

interface StepProps {
  readonly title: string;
  readonly text: string;
  readonly children: React.ReactNode;
}

function Step({ title, text, children }: StepProps): React.ReactNode {
  return (
    <div className={styles.step}>
      <h3>{title}</h3>
      <p>{text}</p>
      {children}
    </div>
  );
}

function Command({ text }: { readonly text: string }): React.ReactNode {
  return (
    <div className={styles.command}>
      <code>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}

export function FirstStepsButton({ onOpen }: { readonly onOpen: () => void }): React.ReactNode {
  const text = useText().overview.first;
  return (
    <Button onClick={onOpen} size="xs" variant="default">
      {text.open}
    </Button>
  );
}
