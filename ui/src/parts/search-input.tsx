/** A field to search in what is shown. `/` leads to the first one of a page. */
import { useText } from '../text/use-text.ts';
import { CloseIcon, SearchIcon } from './icons.tsx';
import styles from './search-input.module.css';

export interface SearchInputProps {
  /** Its name, for who does not see it, and what stands in it while it is empty. */
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Keys beside those that write, such as arrows that move in a list below. */
  readonly onKeyDown?: (event: React.KeyboardEvent) => void;
  /** In a dialog: has the focus as soon as it opens. */
  readonly isFirst?: boolean;
}

export function SearchInput(props: SearchInputProps): React.ReactNode {
  const { label, value, onChange, onKeyDown, isFirst } = props;
  const text = useText().parts;
  return (
    <div className={styles.frame}>
      <span className={styles.sign}>
        <SearchIcon />
      </span>
      <input
        aria-label={label}
        autoComplete="off"
        data-autofocus={isFirst}
        className={styles.input}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          onKeyDown?.(event);
          if (event.key === 'Escape' && value !== '') onChange('');
        }}
        placeholder={label}
        spellCheck={false}
        type="search"
        value={value}
      />
      {value !== '' && (
        <button
          aria-label={text.clear}
          className={styles.clear}
          onClick={() => onChange('')}
          type="button"
        >
          <CloseIcon />
        </button>
      )}
    </div>
  );
}
