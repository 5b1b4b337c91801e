/** The explore page: panels under each other, one set of cursors, one history, one clock to refresh by. */
import { Button, NativeSelect } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { serverSettings } from '../data/server-settings.ts';
import { useQueryHistory } from '../editor/use-query-history.ts';
import { useCursors } from '../graph/cursors.ts';
import { PageTitle } from '../parts/headings.tsx';
import { useFormats, useText } from '../text/use-text.ts';
import styles from './explore.module.css';
import { Icon } from './icons.tsx';
import { PanelView } from './panel-view.tsx';
import { syntaxOfFeatures } from './server-syntax.ts';
import { usePanels } from './use-panels.ts';

const REFRESH_MS = [5000, 15_000, 30_000, 60_000, 300_000];

export function Page(): React.ReactNode {
  const text = useText().explore;
  const panels = usePanels();
  const history = useQueryHistory();
  const cursors = useCursors();
  const [refreshMs, setRefresh] = useState<number | undefined>(undefined);
  const { component, features } = useMemo(() => serverSettings(), []);
  const syntax = useMemo(() => syntaxOfFeatures(features), [features]);
  useHotkeys([['e', focusFirstQuery]]);
  return (
    <div className={styles.page}>
      <PageTitle title={text.title}>
        <RefreshSelect onChange={setRefresh} refreshMs={refreshMs} />
      </PageTitle>
      {panels.all.map(({ key, panel }, place) => (
        <PanelView
          arrangement={{
            canMoveUp: place > 0,
            canMoveDown: place < panels.all.length - 1,
            duplicate: () => panels.duplicate(place),
            move: (direction) => panels.move(place, direction),
            remove: () => panels.remove(place),
          }}
          cursors={cursors}
          history={history}
          isThanos={component !== 'prometheus'}
          key={key}
          number={place + 1}
          onAdd={panels.add}
          onChange={(changed, isQuiet) => panels.change(place, changed, isQuiet)}
          panel={panel}
          refreshMs={refreshMs}
          syntax={syntax}
        />
      ))}
      <div>
        <Button
          leftSection={<Icon name="plus" />}
          onClick={() => panels.add()}
          size="sm"
          variant="default"
        >
          {text.addPanel}
        </Button>
      </div>
    </div>
  );
}

interface RefreshSelectProps {
  readonly refreshMs: number | undefined;
  readonly onChange: (refreshMs: number | undefined) => void;
}

function RefreshSelect({ refreshMs, onChange }: RefreshSelectProps): React.ReactNode {
  const text = useText().explore;
  const formats = useFormats();
  return (
    <NativeSelect
      aria-label={text.refresh}
      data={[
        { value: '', label: text.refreshOff },
        ...REFRESH_MS.map((everyMs) => ({
          value: String(everyMs),
          label: text.refreshEvery(formats.duration(everyMs)),
        })),
      ]}
      onChange={({ currentTarget: { value } }) =>
        onChange(value === '' ? undefined : Number(value))
      }
      size="xs"
      value={refreshMs === undefined ? '' : String(refreshMs)}
    />
  );
}

function focusFirstQuery(): void {
  document.querySelector<HTMLElement>('#content .cm-content, #content textarea')?.focus();
}
