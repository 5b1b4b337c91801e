/** All metrics of the server with types and help, to search and to put into the query. */
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { Dialog } from '../parts/dialog.tsx';
import { SearchInput } from '../parts/search-input.tsx';
import { useFormats, useText } from '../text/use-text.ts';
import styles from './name-picker.module.css';
import { PickerList, pickerKeys } from './picker-list.tsx';
import { helpIn, type Vocabulary } from './vocabulary.ts';

interface MetricsDialogProps {
  readonly vocabulary: Vocabulary;
  readonly onClose: () => void;
  readonly onPick: (name: string) => void;
}

const SHOWN_MAX = 20_000;
const ROW_PX = 54;

export function MetricsDialog(props: MetricsDialogProps): React.ReactNode {
  const { onClose } = props;
  const text = useText().editor;
  return (
    <Dialog onClose={onClose} title={text.metricsTitle}>
      <MetricsList {...props} />
    </Dialog>
  );
}

function MetricsList({ vocabulary, onPick }: MetricsDialogProps): React.ReactNode {
  const text = useText().editor;
  const formats = useFormats();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const wanted = useDeferredValue(typed.trim());
  const metrics = useQuery({
    queryKey: ['metrics', vocabulary.key],
    queryFn: () => vocabulary.metrics(),
    retry: false,
  });
  const help = useQuery({
    queryKey: ['help', vocabulary.key],
    queryFn: () => vocabulary.help(),
    retry: false,
  });
  const index = metrics.data?.index;
  const names = useMemo(() => index?.search(wanted, SHOWN_MAX) ?? [], [index, wanted]);
  const state = metrics.isError
    ? text.metricsFailed
    : index !== undefined && names.length === 0
      ? index.names.length === 0
        ? text.metricsEmpty
        : text.metricsNone
      : undefined;
  const take = () => {
    if (names[chosen] !== undefined) onPick(names[chosen]);
  };
  const search = (next: string) => {
    setTyped(next);
    setChosen(0);
  };
  const keys = pickerKeys(names.length, chosen, { onMove: setChosen, onTake: take });
  return (
    <div className={styles.body}>
      <div className={styles.tools}>
        <SearchInput
          isFirst
          label={text.metricsSearch}
          onChange={search}
          onKeyDown={keys}
          value={typed}
        />
        <span aria-live="polite" className={styles.count}>
          {text.metricsCount(formats.count(names.length), formats.count(index?.names.length ?? 0))}
        </span>
      </div>
      {state === undefined ? (
        <PickerList
          chosen={chosen}
          draw={(name) => <MetricRow help={helpIn(help.data ?? {}, name)} name={name} />}
          items={names}
          label={text.metricsTitle}
          onPick={onPick}
          rowHeightPx={ROW_PX}
        />
      ) : (
        <div className={styles.list}>
          <p className={styles.note}>{state}</p>
        </div>
      )}
      {metrics.data?.isWhole === false ? <p className={styles.note}>{text.metricsCut}</p> : null}
    </div>
  );
}

interface MetricRowProps {
  readonly name: string;
  readonly help: { readonly type: string; readonly help: string } | undefined;
}

function MetricRow({ name, help }: MetricRowProps): React.ReactNode {
  return (
    <>
      <span className={styles.name}>
        <span>{name}</span>
        <span className={styles.type}>{help?.type ?? ''}</span>
      </span>
      <span className={styles.help} title={help?.help ?? ''}>
        {help?.help ?? ''}
      </span>
    </>
  );
}
