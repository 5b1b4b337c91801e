/**
 * What opens under its button, by the browser's own means: it lies above everything, and closes by Escape or by a
 * press elsewhere. It scrolls with the page.
 */
import { createContext, useContext, useId, useRef, useState } from 'react';
import styles from './dropdown.module.css';

export interface TriggerProps {
  readonly popoverTarget: string;
  readonly 'aria-expanded': boolean;
}

export interface DropdownProps {
  /** The button; it takes the properties that it is given. */
  readonly trigger: (properties: TriggerProps) => React.ReactNode;
  /** Says what is inside, to who does not see it. */
  readonly label: string;
  /** Pixels; less where the window is narrower. */
  readonly width?: number;
  /** Which side of the button it keeps to. */
  readonly align?: 'start' | 'end';
  readonly children: React.ReactNode;
}

const CloseContext = createContext<() => void>(() => undefined);

/** For what is inside of a dropdown and closes it. */
export function useCloseDropdown(): () => void {
  return useContext(CloseContext);
}

export function Dropdown(props: DropdownProps): React.ReactNode {
  const { trigger, label, width = 240, align = 'end', children } = props;
  const id = useId();
  const frame = useRef<HTMLElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {trigger({ popoverTarget: id, 'aria-expanded': isOpen })}
      <section
        aria-label={label}
        className={styles.frame}
        id={id}
        onBeforeToggle={({ newState, currentTarget }) => {
          if (newState === 'open') place(currentTarget, width, align);
          setOpen(newState === 'open');
        }}
        popover="auto"
        ref={frame}
      >
        <CloseContext value={() => frame.current?.hidePopover()}>{isOpen && children}</CloseContext>
      </section>
    </>
  );
}

/** Pixels between the button and what opens, and from there to the edge of the window. */
const GAP = 4;
const EDGE = 12;
/** With less than this below the button, and more above it, it opens upwards. */
const HEIGHT_WANTED = 260;

function place(frame: HTMLElement, wanted: number, align: 'start' | 'end'): void {
  const button = document.querySelector(`[popovertarget="${frame.id}"]`);
  if (button === null) return;
  const { top, bottom, left, right } = button.getBoundingClientRect();
  const { clientHeight } = document.documentElement;
  const { clientWidth } = document.body; // without the room that is kept for a scroll bar
  const width = Math.min(wanted, clientWidth - 2 * EDGE);
  const start = align === 'start' ? left : right - width;
  const below = clientHeight - bottom - GAP - EDGE;
  const isAbove = below < HEIGHT_WANTED && top > clientHeight - bottom;
  const { style } = frame;
  style.width = `${width}px`;
  style.left = `${Math.max(EDGE, Math.min(start, clientWidth - EDGE - width))}px`;
  style.top = isAbove ? 'auto' : `${bottom + window.scrollY + GAP}px`;
  style.bottom = isAbove ? `${clientHeight - top - window.scrollY + GAP}px` : 'auto';
  style.maxHeight = `${Math.max(isAbove ? top - GAP - EDGE : below, 160)}px`;
}

export interface DropdownItemProps {
  readonly onClick: () => void;
  readonly children: React.ReactNode;
  readonly isDisabled?: boolean;
  /** What is chosen now. */
  readonly isCurrent?: boolean;
  /** What cannot be undone. */
  readonly isDangerous?: boolean;
}

/** One of several things to do; the arrow keys go from one to the next. */
export function DropdownItem(props: DropdownItemProps): React.ReactNode {
  const { onClick, children, isDisabled = false, isCurrent, isDangerous } = props;
  const close = useCloseDropdown();
  return (
    <button
      aria-current={isCurrent}
      className={styles.item}
      data-dangerous={isDangerous || undefined}
      data-dropdown-item
      disabled={isDisabled}
      onClick={() => {
        close();
        onClick();
      }}
      onKeyDown={(event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        focusBeside(event.currentTarget, step);
      }}
      type="button"
    >
      {children}
    </button>
  );
}

function focusBeside(item: HTMLElement, step: number): void {
  const all = [
    ...(item
      .closest('[popover]')
      ?.querySelectorAll<HTMLElement>('[data-dropdown-item]:not([disabled])') ?? []),
  ];
  all.at((all.indexOf(item) + step) % all.length)?.focus();
}

export function DropdownDivider(): React.ReactNode {
  return <hr className={styles.divider} />;
}
