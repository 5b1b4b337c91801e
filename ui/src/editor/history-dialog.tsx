/** The queries that ran in this browser, to search and to bring back. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Dialog } from '../parts/dialog.tsx';
import { SearchInput } from '../parts/search-input.tsx';
import { useText } from '../text/use-text.ts';
import styles from './name-picker.module.css';
import { PickerList, pickerKeys } from './picker-list.tsx';
import { searchHistory } from './query-history.ts';
import type { QueryHistory } from './use-query-history.ts';

interface HistoryDialogProps {
  readonly history: QueryHistory;
  readonly onClose: () => void;
  readonly onPick: (query: string) => void;
}

const ROW_PX = 54;

export function HistoryDialog(props: HistoryDialogProps): React.ReactNode {
  const { onClose } = props;
  const text = useText().editor;
  return (
    <Dialog onClose={onClose} title={text.historyTitle}>
      <HistoryList {...props} />
    </Dialog>
  );
}

function HistoryList({ history, onPick }: HistoryDialogProps): React.ReactNode {
  const text = useText().editor;
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const found = searchHistory(history.queries, typed);
  const none = history.queries.length === 0 ? text.historyEmpty : text.historyNoMatch;
  const search = (next: string) => {
    setTyped(next);
    setChosen(0);
  };
  const take = () => {
    if (found[chosen] !== undefined) onPick(found[chosen]);
  };
  const keys = pickerKeys(found.length, chosen, { onMove: setChosen, onTake: take });
  return (
    <div className={styles.body}>
      <div className={styles.tools}>
        <SearchInput
          isFirst
          label={text.historySearch}
          onChange={search}
          onKeyDown={keys}
          value={typed}
        />
        <Button
          disabled={history.queries.length === 0}
          onClick={() => history.clear()}
          size="xs"
          variant="default"
        >
          {text.clearHistory}
        </Button>
      </div>
      {found.length > 0 ? (
        <PickerList
          chosen={chosen}
          draw={(query) => <span className={styles.query}>{query}</span>}
          items={found}
          label={text.historyTitle}
          onPick={onPick}
          rowHeightPx={ROW_PX}
        />
      ) : (
        <div className={styles.list}>
          <p className={styles.note}>{none}</p>
        </div>
      )}
      {history.isKept ? null : <p className={styles.note}>{text.historyOff}</p>}
    </div>
  );
}
