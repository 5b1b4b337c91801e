/** The first page: the running system as a picture that lives, and what to try. */
import { VisuallyHidden } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { EmptyNote } from '../parts/empty-note.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { PageTitle } from '../parts/headings.tsx';
import { BlockSkeleton } from '../parts/skeletons.tsx';
import { useFormats, useText } from '../text/use-text.ts';
import { FirstSteps, FirstStepsButton } from './first-steps.tsx';
import { nameOf } from './node-link.ts';
import styles from './page.module.css';
import { Picture } from './picture.tsx';
import type { SystemModel } from './system-model.ts';
import { SystemTable } from './system-table.tsx';
import { type System, useSystem } from './use-system.ts';

const PICTURE_PX = 320;

export function Page(): React.ReactNode {
  const { overview: text } = useText();
  const system = useSystem();
  const [isRead, setRead] = useLocalStorage({
    key: 'tsanos-first-steps-read',
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const { model } = system;
  return (
    <>
      <PageTitle
        description={model === undefined ? undefined : <Summary model={model} />}
        title={text.title}
      >
        <Age system={system} />
        {isRead && <FirstStepsButton onOpen={() => setRead(false)} />}
      </PageTitle>
      <Body system={system} />
      {!isRead && <FirstSteps components={system.components} onClose={() => setRead(true)} />}
    </>
  );
}

function Body({ system }: { readonly system: System }): React.ReactNode {
  const { overview: text } = useText();
  const { model, failure, isStale, warnings } = system;
  if (model === undefined) {
    return failure === null ? (
      <BlockSkeleton height={PICTURE_PX} />
    ) : (
      <ErrorNote failure={failure} />
    );
  }
  const isEmpty = model.nodes.every(({ kind, targets }) =>
    kind === 'targets' ? targets?.all === 0 : ['query', 'client'].includes(kind),
  );
  return (
    <>
      {failure !== null && !isStale && (
        <p className={styles.note}>
          {text.picture.partial} {failure.text || failure.kind}
        </p>
      )}
      {warnings.map((warning) => (
        <p className={styles.note} key={warning}>
          {warning}
        </p>
      ))}
      {isEmpty && <EmptyNote title={text.picture.nothing}>{text.picture.nothingHelp}</EmptyNote>}
      <Picture isStale={isStale} model={model} />
      <VisuallyHidden>
        <SystemTable model={model} />
      </VisuallyHidden>
    </>
  );
}

function Age({ system }: { readonly system: System }): React.ReactNode {
  const { overview: text } = useText();
  const formats = useFormats();
  const { updatedMs, isStale } = system;
  if (updatedMs === 0) return null;
  const time = formats.time(updatedMs, 'time');
  return (
    <span className={styles.age} data-stale={isStale || undefined} role="status">
      {isStale ? text.picture.stale(time) : text.picture.updated(time)}
    </span>
  );
}

function Summary({ model }: { readonly model: SystemModel }): React.ReactNode {
  const { overview: text } = useText();
  const { count } = useFormats();
  const components = model.nodes.filter(({ state }) => state !== 'none');
  const wrong = components.filter(({ state }) => state !== 'ready');
  const replicas = components.filter(({ kind }) => kind === 'prometheus').length;
  const { summary } = text;
  const first =
    wrong.length === 0
      ? summary.good(count(components.length))
      : summary.bad(
          count(components.length - wrong.length),
          count(components.length),
          wrong.map((node) => nameOf(node, text)).join(', '),
        );
  return replicas > 1 ? `${first} ${summary.replicas(count(replicas))}` : first;
}
