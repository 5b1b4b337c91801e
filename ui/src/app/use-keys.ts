/** Listens to keys that are meant for no field and no dialog. */
import { useEffect, useRef } from 'react';
import { actionOf, type KeyAction } from './keys.ts';
import type { MenuItem } from './menu.ts';

export function useKeys(items: readonly MenuItem[], onAction: (action: KeyAction) => void): void {
  const act = useRef(onAction);
  useEffect(() => {
    act.current = onAction;
  });
  useEffect(() => {
    let ledMs: number | undefined;
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Shift' || isForSomethingElse(event.target)) return;
      const { key, timeStamp: timeMs } = event;
      const action = actionOf({ key, timeMs, ledMs }, items);
      ledMs = action?.kind === 'lead' ? timeMs : undefined;
      if (action === undefined) return;
      event.preventDefault();
      act.current(action);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [items]);
}

const FIELDS = 'input, textarea, select, [contenteditable="true"], [role="menu"], [role="listbox"]';

function isForSomethingElse(target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open], [role="dialog"]') !== null) return true;
  return target instanceof Element && target.closest(FIELDS) !== null;
}
