/** A long list to choose from with mouse or arrows, of which only the visible part is drawn. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import styles from './name-picker.module.css';

interface PickerListProps {
  readonly label: string;
  readonly items: readonly string[];
  readonly rowHeightPx: number;
  /** Marked as the one that Enter takes. */
  readonly chosen: number;
  readonly onPick: (item: string) => void;
  readonly draw: (item: string) => React.ReactNode;
}

export function PickerList(props: PickerListProps): React.ReactNode {
  const { label, items, rowHeightPx, chosen, onPick, draw } = props;
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeightPx,
    overscan: 10,
  });
  useEffect(() => {
    if (items.length > 0) rows.scrollToIndex(Math.min(chosen, items.length - 1));
  }, [rows, chosen, items]);
  return (
    <section aria-label={label} className={styles.list} ref={box}>
      <ul className={styles.items} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => (
          <li
            className={styles.item}
            key={items[index]}
            style={{ height: rowHeightPx, transform: `translateY(${start}px)` }}
          >
            <button
              className={styles.choice}
              data-chosen={index === chosen || undefined}
              onClick={() => onPick(items[index])}
              style={{ height: rowHeightPx }}
              type="button"
            >
              {draw(items[index])}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Arrows and Enter in the search field move and take what is marked in the list. */
export function pickerKeys(
  count: number,
  chosen: number,
  { onMove, onTake }: { onMove: (place: number) => void; onTake: () => void },
): (event: React.KeyboardEvent) => void {
  return (event) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') onTake();
    else if (event.key === 'ArrowDown') onMove(Math.min(chosen + 1, count - 1));
    else if (event.key === 'ArrowUp') onMove(Math.max(chosen - 1, 0));
    else return;
    event.preventDefault();
  };
}
